import Metrics
import PacketFSChannel

/// What the sessions and pads of this process came to, in counters of swift-metrics: sizes and counts, no names but those
/// of pads. Where they go is the program's choice.
enum SessionMetrics {
    static func ended(_ summary: TransferSummary) {
        Counter(label: "packetfs_sessions_total", dimensions: [("result", "done")]).increment()
        Counter(label: "packetfs_content_bytes_total").increment(by: Int64(clamping: summary.contentBytes))
        Counter(label: "packetfs_wire_sent_bytes_total").increment(by: Int64(clamping: summary.wireSent))
        let received = summary.wireBytes - min(summary.wireBytes, summary.wireSent)
        Counter(label: "packetfs_wire_received_bytes_total").increment(by: Int64(clamping: received))
        Counter(label: "packetfs_repaired_leaves_total").increment(by: Int64(summary.leavesRepaired))
        Counter(label: "packetfs_repaired_bytes_total").increment(by: Int64(clamping: summary.bytesRepaired))
        if summary.contentBytes > 0 {
            Meter(label: "packetfs_wire_ratio").set(Double(summary.wireBytes) / Double(summary.contentBytes))
        }
        Timer(label: "packetfs_session_seconds").recordSeconds(summary.totalSeconds)
    }

    static func failed(_ error: any Error) {
        Counter(label: "packetfs_sessions_total", dimensions: [("result", "failed")]).increment()
        guard let error = error as? ChannelError else { return }
        switch error {
        case .frameLength, .notAuthentic, .malformedFrame, .rekeyOverdue:
            Counter(label: "packetfs_rejected_frames_total").increment()
        case .malformedHandshake, .unknownPeer, .ownReflection, .suiteRefused, .handshakeFailed:
            Counter(label: "packetfs_rejected_handshakes_total").increment()
        default: break
        }
    }

    /// What is left for sending.
    static func pad(_ info: PadInfo) {
        Meter(label: "packetfs_pad_left_bytes", dimensions: [("pad", info.name)]).set(Int64(clamping: info.left))
    }
}
