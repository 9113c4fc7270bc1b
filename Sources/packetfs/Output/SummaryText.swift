import Foundation
import PacketFS

/// What a finished transfer did, for people.
enum SummaryText {
    static func lines(_ summary: TransferSummary, verb: String) -> [String] {
        [firstLine(summary, verb: verb), details(summary), protection(summary)].compactMap { $0 }
    }

    /// What a transfer of which some things failed ends with: not all of them are entries of the tree.
    static func partial(_ summary: TransferSummary) -> String {
        "not everything was transferred as it is: \(count(summary.warnings.count, "warning"))"
    }

    private static func firstLine(_ summary: TransferSummary, verb: String) -> String {
        let seconds = String(format: "%.1f s", summary.totalSeconds)
        let wire = "\(ByteCount.text(summary.wireBytes)) on the wire"
        // Of what a kept message carries, only its files were told.
        guard summary.treeBytes > 0 else { return "\(verb) \(files(summary)); \(wire), \(seconds)" }
        let ratio = ByteCount.ratio(summary.wireBytes, of: summary.treeBytes)
        return "\(verb) \(files(summary)) of \(ByteCount.text(summary.treeBytes)); \(wire) (\(ratio)), \(seconds)"
    }

    private static func files(_ summary: TransferSummary) -> String {
        count(summary.filesWritten, "file") + (summary.filesKept > 0 ? " and kept \(summary.filesKept)" : "")
    }

    private static func details(_ summary: TransferSummary) -> String? {
        var parts: [String] = []
        if summary.deleted > 0 { parts.append("\(summary.deleted) deleted") }
        if summary.bytesLearned > 0 { parts.append("\(ByteCount.text(summary.bytesLearned)) learned") }
        if summary.leavesRepaired > 0 {
            parts.append(
                "\(count(summary.leavesRepaired, "leaf", "leaves")) repaired (\(ByteCount.text(summary.bytesRepaired)))"
            )
        }
        if summary.extentsHealed > 0 { parts.append(count(summary.extentsHealed, "extent") + " healed") }
        if summary.extentsLost > 0 { parts.append(count(summary.extentsLost, "extent") + " dropped") }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// What may be claimed besides C1 to C7; nothing of a plain transfer.
    private static func protection(_ summary: TransferSummary) -> String? {
        switch summary.protection {
        case .aead: nil
        case .streamCipher: "covered by a stream cipher, XChaCha20 keyed from the seed: no pad, and no claim beyond it"
        case .keystream, .otp: summary.pad.map(pad)
        }
    }

    private static func pad(_ pad: PadUse) -> String {
        let burnt = pad.burnt > 0 ? ", \(ByteCount.text(pad.burnt)) burnt" : ""
        let (used, left) = (ByteCount.text(pad.used), ByteCount.text(pad.left))
        return "covered by the pad \(pad.name.printable): \(used) used\(burnt), \(left) left"
            + (pad.source.isComputed ? "; its bytes are the kernel generator's, computed: not a one-time pad" : "")
    }

    private static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(number) \(number == 1 ? one : many ?? one + "s")"
    }
}
