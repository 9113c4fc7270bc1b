import PacketFSRebuild
import PacketFSStore
import PacketFSWire

/// What we remember of transfers to one destination, as the peer's sender or receiver: those that did not finish, and
/// the stat cache of what was delivered or committed.
struct TransferJournal {
    let domain: PeerDomain
    let role: TransferRole
    /// Sending: as it stands in the offer. Receiving: the absolute path.
    let destination: String

    var store: Store { domain.store }

    /// `root`: what the destination lies beneath, at the receiver, and its `identity`; what was asked for, at a sender. The
    /// transfer is claimed.
    func begin(
        _ transfer: TransferID, root: String = "", identity: [UInt8] = [], manifest: [UInt8] = [],
        statKeys: [UInt8] = []
    ) throws {
        try domain.gate.pass(.record)
        try store.begin(
            TransferRecord(
                summary: .init(
                    id: transfer, peer: domain.peer.party, role: role, destination: destination, root: root,
                    rootIdentity: identity, startedAt: WallClock.seconds),
                manifest: manifest, statKeys: statKeys))
        try forgetTooMany()
    }

    /// Of destinations that a peer chooses, and of transfers that it never ends.
    private func forgetTooMany() throws {
        for transfer in try store.transfers(of: domain.peer.party, role, beyond: PeerQuota()) {
            guard let claim = try store.claim(transfer.id) else { continue }
            switch role {
            case .sending: try store.finish(transfer.id)
            // What cannot be removed now stays for another time.
            case .receiving: _ = try? TransferJournal(receivingAt: transfer.destination, in: domain).discard(claim)
            }
        }
    }

    /// Those that were begun and are not finished, in that order.
    func begun() throws -> [TransferID] {
        try store.transfers(peer: domain.peer.party, role: role, destination: destination).map(\.id)
    }

    /// Claims the latest of them that no longer runs.
    func interrupted() throws -> TransferClaim? {
        for transfer in try begun().reversed() {
            if let claim = try store.claim(transfer) { return claim }
        }
        return nil
    }

    /// Claims those of them that no longer run, the latest first, one after another: each claim takes a descriptor.
    func forEachInterrupted(_ body: (TransferClaim) throws -> Void) throws {
        for transfer in try begun().reversed() {
            if let claim = try store.claim(transfer) { try body(claim) }
        }
    }

    /// A cache: one that cannot be read is none.
    func snapshot() throws -> Snapshot? {
        try stored().flatMap { try? Snapshot(decoding: $0) }
    }

    private func stored() throws -> [UInt8]? {
        try store.snapshot(peer: domain.peer.party, role: role, destination: destination)
    }

    /// Snapshots that no transfer used for so long are dropped.
    static let snapshotSeconds: Int64 = 180 * 86_400

    /// The destination now is as `snapshot` says: `transfer` is done, and nothing that was interrupted is worth taking
    /// up. Files of earlier transfers that this one did not name are still remembered, unless they were in `emptied`
    /// folders, from which everything else was deleted.
    func complete(_ transfer: TransferID, _ snapshot: Snapshot, emptied: Set<[UInt8]>) throws {
        try domain.gate.pass(.record)
        let encoded = try news(in: snapshot, emptied: emptied)
        let begun = try begun()
        let (peer, now) = (domain.peer.party, WallClock.seconds)
        try store.transaction { () throws(StoreError) in
            if let encoded {
                try store.saveSnapshot(encoded, peer: peer, role: role, destination: destination, at: now)
            } else {
                try store.touchSnapshot(peer: peer, role: role, destination: destination, at: now)
            }
            try store.finish(transfer)
            // A receiver forgets each once nothing is left of it.
            if role == .sending { try forget(begun) }
            try store.dropSnapshots(of: peer, before: now - Self.snapshotSeconds, beyond: PeerQuota())
        }
    }

    /// What is to be stored now, encoded; `nil` if that is what is stored. What was committed is committed, whether it can be
    /// remembered or not.
    private func news(in snapshot: Snapshot, emptied: Set<[UInt8]>) throws -> [UInt8]? {
        let stored = try stored()
        let alone = try? snapshot.encode()
        // Nothing changed: what is stored need not be decoded.
        if let alone, alone == stored { return nil }
        let earlier = stored.flatMap { try? Snapshot(decoding: $0) }
        let merged = snapshot.merged(over: earlier?.without(emptied) ?? Snapshot())
        guard merged != earlier else { return nil }
        return merged == snapshot ? alone : try? merged.encode()
    }

    /// Takes those out of the journal that no longer run.
    func forget(_ transfers: some Sequence<TransferID>) throws(StoreError) {
        for transfer in transfers {
            guard let claim = try store.claim(transfer) else { continue }
            try store.finish(claim.transfer)
        }
    }
}
