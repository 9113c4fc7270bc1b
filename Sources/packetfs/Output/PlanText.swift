import PacketFS

/// A plan, for people.
enum PlanText {
    /// One line, or one event, for each file.
    static func items(_ plan: PlanExplanation, _ output: Output) {
        plan.items.forEach { output.event(PlanItemEvent($0)) }
        guard !output.isJSON else { return }
        let header = ["size", "copied", "added", "runs", "literal", "descriptors", "differences", "coded", "tags"]
        var table = Table(header + ["path"], right: Set(header.indices))
        for item in plan.items {
            let name = item.path.isEmpty ? "(manifest)" : item.path
            table.add(bytes(of: item).map(ByteCount.text) + [item.isKept ? name + " (unchanged)" : name])
        }
        let sums = plan.items.map(bytes(of:)).reduce([UInt64](repeating: 0, count: header.count)) { sums, bytes in
            zip(sums, bytes).map { $0 + $1 }
        }
        table.add(sums.map(ByteCount.text) + ["(all)"])
        table.lines.forEach(output.output.write)
    }

    private static func bytes(of item: PlanExplanation.Item) -> [UInt64] {
        [
            item.size, item.copied, item.added, item.filled, item.literal, item.descriptorBytes, item.differenceBytes,
            item.literalBytes, item.tagBytes,
        ]
    }

    /// Where the wire bytes go.
    static func totals(_ plan: PlanExplanation) -> [String] {
        let event = PlanEvent(plan)
        let wire = plan.recordBytes + plan.overheadBytes + plan.paddingBytes
        var table = Table(["wire bytes", "", "for"], right: [0])
        let rows = [
            (plan.descriptorBytes, "descriptors"), (plan.differenceBytes, "differences from bytes of the blob"),
            (plan.literalBytes, "bytes that the blob lacks"), (plan.tagBytes, "leaf tags"),
            (plan.overheadBytes, "frames"), (plan.paddingBytes, "padding"),
            (wire, "\(event.files) files of \(ByteCount.text(event.treeBytes))"),
        ]
        for (bytes, name) in rows { table.add(["\(bytes)", ByteCount.ratio(bytes, of: event.treeBytes), name]) }
        return table.lines
    }
}
