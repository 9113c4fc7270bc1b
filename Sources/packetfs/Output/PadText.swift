import PacketFS

/// Pads, for people.
enum PadText {
    static func lines(_ pads: [PadInfo]) -> [String] {
        var table = Table(
            ["pad", "left", "spent", "burnt", "to receive", "sent to", "received to", "kept", "source"],
            right: [1, 2, 3, 4, 5, 6])
        for pad in pads {
            if pad.problem != nil {
                table.add([pad.name] + [String](repeating: "-", count: 8))
                continue
            }
            let bytes = [pad.left, pad.spent, pad.burnt, pad.receivable].map(ByteCount.text)
            let kept = pad.kept.isEmpty ? "-" : pad.kept.map(String.init).joined(separator: ",")
            table.add(
                [pad.name] + bytes + ["\(pad.next)", "\(pad.mark)", kept, pad.source?.name ?? "destroyed"])
        }
        return table.lines + pads.flatMap(remarks)
    }

    private static func remarks(_ pad: PadInfo) -> [String] {
        let lock = pad.lock.map { "\(pad.name.printable) is locked: \($0.reason); \($0.hint)" }
        let claim = pad.source.map { "\(pad.name.printable): \($0.claim)" }
        let problem = pad.problem.map { "\(pad.name.printable): \($0.message)" }
        return [claim, lock, problem].compactMap { $0 }
    }
}
