import Logging
import PacketFS

/// What a server tells about itself: a log with sizes and timings, and events for programs.
struct ServeLog: Sendable {
    let logger: Logger
    let output: Output

    func report(_ event: ServerEvent) {
        switch event {
        case .listening(let address):
            output.event(ListeningEvent(address: address))
            logger.notice("listening", metadata: ["address": "\(address)"])
        case .transferred(let peer, let summary):
            transferred(peer, summary)
        case .purged(let transfers):
            output.event(PurgedEvent(transfers: transfers))
            logger.info("purged", metadata: ["transfers": "\(transfers)"])
        case .failed(let peer, let error):
            output.event(ErrorEvent(error, peer: peer))
            logger.warning(
                "session failed",
                metadata: ["peer": "\(peer ?? "-")", "code": "\(error.code.rawValue)", "reason": "\(error.message)"])
        }
    }

    func measuring(at address: String) {
        output.event(MetricsEvent(address: address))
        logger.notice("metrics", metadata: ["address": "\(address)"])
    }

    private func transferred(_ peer: String, _ summary: TransferSummary) {
        var event = SummaryEvent("transferred", summary)
        event.peer = peer
        output.event(event)
        logger.info(
            "transferred",
            metadata: [
                "peer": "\(peer)", "entries": "\(summary.entries)", "tree_bytes": "\(summary.treeBytes)",
                "wire_bytes": "\(summary.wireBytes)", "repaired": "\(summary.leavesRepaired)",
                "seconds": "\(summary.totalSeconds)",
            ]
        )
    }
}
