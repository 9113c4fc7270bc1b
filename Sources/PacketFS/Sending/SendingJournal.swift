import PacketFSPlan
import PacketFSRebuild
import PacketFSStore
import PacketFSWire

/// What we remember of transfers to one destination at one peer: those that did not finish, and the stat cache of
/// what was delivered.
struct SendingJournal {
    let domain: PeerDomain
    let destination: String

    private var store: Store { domain.store }
    private var peer: PartyID { domain.peer.party }

    func begin(_ transfer: TransferID, _ tree: ScannedTree) throws {
        try domain.gate.pass(.record)
        let files = tree.manifest.entries.indices.map { index in
            Snapshot.Entry(path: tree.manifest.entries[index].path, stat: tree.stat(of: index), version: transfer)
        }
        try store.begin(
            TransferRecord(
                summary: .init(
                    id: transfer, peer: peer, role: .sending, destination: destination, root: "",
                    startedAt: WallClock.seconds),
                manifest: [], statKeys: Snapshot(entries: files).encode()
            ))
    }

    func unfinished() throws -> TransferID? {
        try store.unfinished(peer: peer, role: .sending, destination: destination)?.summary.id
    }

    func snapshot() throws -> Snapshot? {
        try store.snapshot(peer: peer, role: .sending, destination: destination).map { try Snapshot(decoding: $0) }
    }

    /// The bytes that the receiver has of each entry of `tree`, by what it said of an earlier transfer's entries. Only
    /// files that are what they were then count.
    func held(of partial: PartialState, in tree: ScannedTree) throws -> [Int: UInt64] {
        guard let earlier = partial.transfer, let record = try store.transfer(earlier) else { return [:] }
        let entries = try Snapshot(decoding: record.statKeys).entries
        var then: [[UInt8]: (StatKey, UInt64)] = [:]
        for file in partial.files where entries.indices.contains(file.entry) {
            then[entries[file.entry].path] = (entries[file.entry].stat, file.bytes)
        }
        var held: [Int: UInt64] = [:]
        for (index, entry) in tree.manifest.entries.enumerated() where entry.kind == .file {
            guard let (stat, bytes) = then[entry.path], stat == tree.stat(of: index) else { continue }
            held[index] = min(bytes, entry.size)
        }
        return held
    }

    /// The destination now is as `snapshot` says; nothing is left to resume. Files of earlier transfers that this one
    /// did not name are still remembered.
    func complete(_ snapshot: Snapshot) throws {
        try domain.gate.pass(.record)
        let merged = try self.snapshot().map { snapshot.merged(over: $0) } ?? snapshot
        let encoded = try merged.encode()
        try store.transaction { () throws(StoreError) in
            try store.saveSnapshot(encoded, peer: peer, role: .sending, destination: destination)
            while let record = try store.unfinished(peer: peer, role: .sending, destination: destination) {
                try store.finish(record.summary.id)
            }
        }
    }
}
