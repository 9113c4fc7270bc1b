import PacketFSRebuild
import PacketFSStore

extension Home {
    /// Forgets interrupted transfers that were begun more than `days` days ago, and removes their temporary files.
    /// Transfers that run are spared; one whose destination cannot be opened now, such as on a disk that is not there,
    /// stays for another time. Returns how many went.
    @discardableResult
    public func purgeInterrupted(olderThan days: Int) throws -> Int {
        try purgeInterrupted(before: WallClock.seconds - Int64(days) * 86_400)
    }

    /// `time`: seconds since 1970.
    package func purgeInterrupted(before time: Int64) throws -> Int {
        try explained { try purge { $0.startedAt < time } }
    }

    /// Forgets what destinations held that nobody used for long, or that are too many.
    package func dropSnapshots(before time: Int64 = WallClock.seconds - TransferJournal.snapshotSeconds) throws {
        try explained {
            for peer in try store.peers() {
                try store.dropSnapshots(of: peer.party, before: time, beyond: PeerQuota())
            }
        }
    }

    func purge(_ isChosen: (PacketFSStore.TransferSummary) -> Bool) throws -> Int {
        var purged = 0
        for transfer in try store.transfers().filter(isChosen) {
            guard let claim = try store.claim(transfer.id) else { continue }
            if try purge(claim, transfer) { purged += 1 }
        }
        return purged
    }

    private func purge(_ claim: TransferClaim, _ transfer: PacketFSStore.TransferSummary) throws -> Bool {
        guard transfer.role == .receiving, let peer = try store.peer(transfer.peer) else {
            return try store.finish(transfer.id)
        }
        let journal = TransferJournal(receivingAt: transfer.destination, in: try domain(of: peer))
        return try journal.discard(claim)
    }
}
