import PacketFSPad
import PacketFSPlan
import PacketFSWire

extension TransferPlanner {
    /// Bytes of what the two ends say beside the contents.
    private static let talk: UInt64 = 128 << 10

    /// Throws `PadError.exhausted` where it can be known, before anything is sent, that `left` bytes are too few.
    func check(fits left: UInt64, while wish: Wish) throws {
        let tree = try job.scan(while: wish)
        let block = UInt64(Limits.padBlock)
        let room = left / block * UInt64(Limits.padCover)
        guard tree.recordBound + Self.talk > room else { return }
        let journal = TransferJournal(sendingTo: job.destination, in: domain)
        // How much of an interrupted transfer the receiver has, it alone knows.
        guard try journal.interrupted() == nil else { return }
        let needed = try recordBytes(of: tree, journal, while: wish) + Self.talk
        guard needed <= room else {
            throw PadError.exhausted(needed: Limits.padBlocks(covering: needed), left: left / block)
        }
    }

    /// What the records of the transfer come to, as far as the receiver's holdings are known.
    private func recordBytes(
        of tree: ScannedTree, _ journal: TransferJournal, while wish: Wish
    ) throws -> UInt64 {
        let snapshot = job.options.checksums ? nil : try journal.snapshot()
        var options = job.planOptions
        options.learns = false
        options.isOffsetOnly = false
        let planner = try Planner(
            transfer: .random(), tree: tree,
            origins: Origins.choose(for: tree, from: snapshot, checksums: job.options.checksums),
            runs: RunSet(job.options.matches ? own.holdings().runs : []), log: own.log, index: own.index,
            tagger: Untagged(), options: options, reserve: { _ in throw PlanError.blob })
        return try planner.recordBytes(while: wish)
    }
}

extension ScannedTree {
    /// Bytes of an entry's name and metadata, and of its part of the blueprint, at most as a rule.
    private static let entry: UInt64 = 1024

    /// Bytes that the records of the tree come to at most, as a rule.
    var recordBound: UInt64 { totalBytes + totalBytes / 64 + UInt64(manifest.entries.count + 1) * Self.entry }
}

extension Planner {
    /// Runs to the end, and counts what would be sent.
    func recordBytes(while wish: Wish = Wish()) throws -> UInt64 {
        let encoder = try BlockCoder()
        var bytes: UInt64 = 0
        while let step = try next() {
            guard wish.stands else { throw PlanError.cancelled }
            guard case .record(let record) = step else { continue }
            let (head, tail) = try record.encoded(by: encoder)
            bytes += UInt64(head.count + tail.count)
        }
        return bytes
    }
}
