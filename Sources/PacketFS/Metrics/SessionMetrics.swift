import Metrics
import PacketFSChannel

/// What the sessions and pads of this process came to, in counters of swift-metrics: sizes and counts, no names but those
/// of pads. Where they go is the program's choice.
enum SessionMetrics {
    private enum Tally: String, CaseIterable {
        case contentBytes = "packetfs_content_bytes_total"
        case wireSent = "packetfs_wire_sent_bytes_total"
        case wireReceived = "packetfs_wire_received_bytes_total"
        case repairedLeaves = "packetfs_repaired_leaves_total"
        case repairedBytes = "packetfs_repaired_bytes_total"
        case rejectedFrames = "packetfs_rejected_frames_total"
        case rejectedHandshakes = "packetfs_rejected_handshakes_total"

        func add(_ amount: UInt64) {
            Counter(label: rawValue).increment(by: Int64(clamping: amount))
        }
    }

    private enum Result: String, CaseIterable {
        case done, failed

        func add(_ amount: Int64) {
            Counter(label: "packetfs_sessions_total", dimensions: [("result", rawValue)]).increment(by: amount)
        }
    }

    /// Counters of a process that has done nothing yet, so that whoever watches them sees their first step as well.
    static func begin() {
        Result.allCases.forEach { $0.add(0) }
        Tally.allCases.forEach { $0.add(0) }
    }

    static func ended(_ summary: TransferSummary) {
        Result.done.add(1)
        Tally.contentBytes.add(summary.contentBytes)
        Tally.wireSent.add(summary.wireSent)
        Tally.wireReceived.add(summary.wireBytes - min(summary.wireBytes, summary.wireSent))
        Tally.repairedLeaves.add(UInt64(summary.leavesRepaired))
        Tally.repairedBytes.add(summary.bytesRepaired)
        if summary.contentBytes > 0 {
            Meter(label: "packetfs_wire_ratio").set(Double(summary.wireBytes) / Double(summary.contentBytes))
        }
        Timer(label: "packetfs_session_seconds").recordSeconds(summary.totalSeconds)
    }

    static func failed(_ error: any Error) {
        Result.failed.add(1)
        guard let error = error as? ChannelError else { return }
        switch error {
        case .frameLength, .notAuthentic, .malformedFrame, .rekeyOverdue: Tally.rejectedFrames.add(1)
        case .malformedHandshake, .unknownPeer, .ownReflection, .suiteRefused, .handshakeFailed:
            Tally.rejectedHandshakes.add(1)
        default: break
        }
    }

    /// What is left for sending.
    static func pad(_ info: PadInfo) {
        Meter(label: "packetfs_pad_left_bytes", dimensions: [("pad", info.name)]).set(Int64(clamping: info.left))
    }
}
