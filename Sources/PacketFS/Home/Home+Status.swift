import PacketFSStore
import PacketFSWire

extension Home {
    /// What the home holds.
    public func status() throws -> HomeStatus {
        try explained {
            let peers = try store.peers()
            let names = Dictionary(peers.map { ($0.party, $0.name) }) { first, _ in first }
            return HomeStatus(
                location: location, peers: try peers.map(status(of:)),
                unfinished: try store.transfers().filter { try !store.isRunning($0.id) }.map { transfer in
                    HomeStatus.Unfinished(
                        peer: names[transfer.peer] ?? "", isSending: transfer.role == .sending,
                        destination: transfer.destination, asked: transfer.asked, startedAt: transfer.startedAt)
                })
        }
    }

    private func status(of record: PeerRecord) throws -> HomeStatus.PeerStatus {
        var status = HomeStatus.PeerStatus(
            peer: try peer(record), acknowledgedBytes: 0, acknowledgedExtents: 0, pendingBytes: 0, replicaBytes: 0,
            replicaExtents: 0)
        if let own = try store.log(for: record.party, role: .own) {
            for extent in try store.extents(in: own) {
                let bytes = UInt64(extent.extent.range.length)
                guard extent.state == .acknowledged else {
                    status.pendingBytes += bytes
                    continue
                }
                status.acknowledgedBytes += bytes
                status.acknowledgedExtents += 1
            }
        }
        if let replica = try store.log(for: record.party, role: .replica) {
            let usage = try store.usage(of: replica)
            status.replicaBytes = usage.bytes
            status.replicaExtents = usage.extents
        }
        return status
    }
}

extension PacketFSStore.TransferSummary {
    fileprivate var asked: String? { role == .sending && !root.isEmpty ? root : nil }
}
