import PacketFSRebuild
import PacketFSStore
import PacketFSWire

/// What we remember of transfers into one destination: those that did not finish, and the stat cache of what was
/// committed.
struct ReceivingJournal {
    let domain: PeerDomain
    /// The destination's absolute path.
    let path: String

    private var store: Store { domain.store }
    private var peer: PartyID { domain.peer.party }

    func begin(_ transfer: TransferID, manifest: [UInt8]) throws {
        try domain.gate.pass(.record)
        try store.begin(
            TransferRecord(
                summary: .init(
                    id: transfer, peer: peer, role: .receiving, destination: path, root: path,
                    startedAt: WallClock.seconds),
                manifest: manifest, statKeys: []
            ))
    }

    /// An interrupted transfer, with the manifest that it had; a single file is named as `place` names it.
    func interrupted(_ transfer: TransferID, in place: Placement.Place) throws -> RebuildSetup.Interrupted? {
        guard let record = try store.transfer(transfer), record.summary.role == .receiving else { return nil }
        var manifest = try Manifest(decoding: record.manifest)
        if let name = place.singleFileName, manifest.entries.count == 1 { manifest.entries[0].path = name }
        return RebuildSetup.Interrupted(transfer: transfer, manifest: manifest)
    }

    /// What is still on disk of the latest interrupted transfer that left anything; `nil` if none did. Only one can be
    /// taken up: with `cleans`, what others left is removed.
    func partialState(
        in place: Placement.Place, cleans: Bool
    ) throws -> (transfer: TransferID, files: [PartialFile])? {
        var found: (transfer: TransferID, files: [PartialFile])?
        for transfer in try unfinished().reversed() {
            guard let interrupted = try interrupted(transfer, in: place) else { continue }
            if found == nil {
                let files = Rebuilder.partialFiles(of: interrupted, root: place.root)
                if !files.isEmpty {
                    found = (transfer, files)
                    continue
                }
            }
            guard cleans else { continue }
            try Rebuilder.discard(interrupted, root: place.root, gate: domain.gate)
            try store.finish(transfer)
        }
        return found
    }

    /// In the order in which they were begun.
    private func unfinished() throws -> [TransferID] {
        try store.transfers().filter { $0.peer == peer && $0.role == .receiving && $0.destination == path }.map(\.id)
    }

    func snapshot() throws -> Snapshot? {
        try store.snapshot(peer: peer, role: .receiving, destination: path).map { try Snapshot(decoding: $0) }
    }

    /// The destination now is as `snapshot` says; nothing is left to resume.
    func complete(_ snapshot: Snapshot) throws {
        try domain.gate.pass(.record)
        let merged = try self.snapshot().map { snapshot.merged(over: $0) } ?? snapshot
        let encoded = try merged.encode()
        try store.transaction { () throws(StoreError) in
            try store.saveSnapshot(encoded, peer: peer, role: .receiving, destination: path)
            while let record = try store.unfinished(peer: peer, role: .receiving, destination: path) {
                try store.finish(record.summary.id)
            }
        }
    }
}
