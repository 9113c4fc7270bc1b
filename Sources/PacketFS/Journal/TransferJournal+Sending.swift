import PacketFSPlan
import PacketFSStore
import PacketFSWire

extension TransferJournal {
    init(sendingTo destination: String, in domain: PeerDomain) {
        self.init(domain: domain, role: .sending, destination: destination)
    }

    /// Interrupted transfers that a sender remembers. The first are what the receiver named last and what went on with
    /// it; of those since, it may have heard nothing, as where a bad line is cut again and again.
    static let remembered = (first: 2, last: 6)

    /// - Parameters:
    ///   - tree: all of it as what the transfer is about to deliver, encoded.
    ///   - partial: the receiver's word on the plan that this one replaces. It has nothing of transfers that it does not
    ///     name.
    ///   - asked: what the receiver asked for; empty if it did not.
    func begin(_ transfer: TransferID, _ tree: [UInt8], after partial: PartialState?, asked: String) throws {
        let earlier = try begun()
        try begin(transfer, root: asked, statKeys: tree)
        try store.transaction { () throws(StoreError) in
            if let voided = partial?.voids { try store.finish(voided) }
            if let named = partial?.transfer, earlier.contains(named) {
                try forget(earlier.filter { $0 != named })
            } else {
                try forget(earlier.dropFirst(Self.remembered.first).dropLast(Self.remembered.last))
            }
        }
    }

    /// What the receiver has committed if all of an interrupted transfer reached it, and only its receipt was lost. It
    /// remembers by itself whether that is so.
    func believed(of transfer: TransferID) throws -> Snapshot? {
        guard let record = try store.transfer(transfer) else { return nil }
        guard var snapshot = try? Snapshot(decoding: record.statKeys) else { return nil }
        snapshot.entries.removeAll { $0.version != transfer }
        return snapshot
    }

    /// The bytes that the receiver has of each entry of `tree`, by what it said of an earlier transfer's entries. Only
    /// files that are what they were then count.
    func held(of partial: PartialState, in tree: ScannedTree) throws -> [Int: UInt64] {
        guard let earlier = partial.transfer, let record = try store.transfer(earlier),
            let entries = (try? Snapshot(decoding: record.statKeys))?.entries
        else { return [:] }
        var then: [[UInt8]: (StatKey, UInt64)] = [:]
        for file in partial.files where entries.indices.contains(file.entry) {
            then[entries[file.entry].path] = (entries[file.entry].stat, file.bytes)
        }
        var held: [Int: UInt64] = [:]
        for (index, entry) in tree.manifest.entries.enumerated() where entry.kind == .file {
            guard let (stat, bytes) = then[entry.path], tree.stat(of: index).isUnchanged(since: stat) else { continue }
            held[index] = min(bytes, entry.size)
        }
        return held
    }
}
