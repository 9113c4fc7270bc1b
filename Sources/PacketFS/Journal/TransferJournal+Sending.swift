import PacketFSPlan
import PacketFSStore
import PacketFSWire

extension TransferJournal {
    init(sendingTo destination: String, in domain: PeerDomain) {
        self.init(domain: domain, role: .sending, destination: destination)
    }

    func begin(_ transfer: TransferID, _ tree: ScannedTree) throws {
        let files = tree.manifest.entries.indices.map { index in
            Snapshot.Entry(path: tree.manifest.entries[index].path, stat: tree.stat(of: index), version: transfer)
        }
        try begin(transfer, statKeys: Snapshot(entries: files).encode())
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
}
