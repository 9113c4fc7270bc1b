import PacketFS

/// A plan, for people.
enum PlanText {
    /// One line, or one event, for each file.
    static func items(_ plan: PlanExplanation, _ output: Output) {
        plan.items.forEach { output.event(PlanItemEvent($0)) }
        guard !output.isJSON else { return }
        var table = Table(["size", "copied", "added", "runs", "literal", "path"], right: [0, 1, 2, 3, 4])
        for item in plan.items {
            let name = item.path.isEmpty ? "(manifest)" : item.path
            let bytes = [item.size, item.copied, item.added, item.filled, item.literal].map(ByteCount.text)
            table.add(bytes + [item.isKept ? name + " (unchanged)" : name])
        }
        table.lines.forEach(output.output.write)
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
