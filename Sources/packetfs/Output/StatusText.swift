import Foundation
import PacketFS

/// What a home holds, for people.
enum StatusText {
    static func lines(_ status: HomeStatus) -> [String] {
        var lines = ["home: \(status.location.state.printable), \(status.location.data.printable)", ""]
        lines += status.peers.isEmpty ? ["no peers yet; see packetfs peer --help"] : peers(status.peers)
        if !status.unfinished.isEmpty { lines += ["", "can be resumed:"] + status.unfinished.map(unfinished) }
        return lines
    }

    private static func peers(_ peers: [HomeStatus.PeerStatus]) -> [String] {
        var table = Table(["peer", "address", "it holds of ours", "pending", "we hold of its"], right: [2, 3, 4])
        for status in peers {
            table.add([
                status.peer.name, status.peer.address ?? "-",
                "\(ByteCount.text(status.acknowledgedBytes)) in \(status.acknowledgedExtents)",
                ByteCount.text(status.pendingBytes),
                "\(ByteCount.text(status.replicaBytes)) in \(status.replicaExtents)",
            ])
        }
        return table.lines
    }

    private static func unfinished(_ transfer: HomeStatus.Unfinished) -> String {
        let direction = transfer.isSending ? "to" : "from"
        let what =
            transfer.asked.map { "\($0), as it asked" } ?? (transfer.destination.isEmpty ? "." : transfer.destination)
        return "  \(direction) \(transfer.peer.printable): \(what.printable), begun \(date(transfer.startedAt))"
    }

    /// Seconds since 1970 as a time of day, in UTC.
    static func date(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    }
}
