import PacketFSBlob
import PacketFSPlan
import PacketFSStore
import PacketFSWire

/// A transfer that is planned, and of which nothing is on record yet.
struct TransferDraft {
    let tree: ScannedTree
    /// Its tags are still to be those of a session.
    let planner: Planner
    let offer: Offer
    /// What the journal is to know of the tree; empty for a dry run.
    let record: [UInt8]
    /// What the receiver is known to hold of our log.
    let holdings: [Extent]
    let drops: LogDrops
}

extension TransferDraft {
    /// - Parameter partial: what the receiver still has of an interrupted transfer, if it said so.
    init(
        _ job: SendJob, in domain: PeerDomain, _ own: OwnLog, after partial: PartialState?, while wish: Wish
    ) throws {
        tree = try job.scan(while: wish)
        let transfer = TransferID.random()
        // What is encoded is so beside the search for what the receiver has. A peer's wishes have one thread.
        let encoding = Errand(onThread: job.confinement == nil) { [tree] in
            _ = try tree.encodedManifest()
            return job.options.isDryRun ? [] : try tree.all(as: transfer).encode()
        }
        let journal = TransferJournal(sendingTo: job.destination, in: domain)
        let held = try partial.map { [tree] in try journal.held(of: $0, in: tree) } ?? [:]
        let interrupted = partial == nil ? try Self.interrupted(job, journal) : nil
        let origins = Origins.choose(
            for: tree, from: try journal.snapshot(), orElse: try interrupted.flatMap { try journal.believed(of: $0) },
            checksums: job.options.checksums)
        drops = try own.drops()
        let known = try own.holdings()
        holdings = known.extents
        record = try encoding.finished()
        offer = Offer(
            transfer: transfer, destination: job.destination, options: job.options(for: tree), log: own.id,
            holdingsDigest: known.digest, resumes: interrupted, continues: partial?.transfer)
        planner = try Planner(
            transfer: transfer, tree: tree, origins: origins, held: held,
            runs: RunSet(job.options.matches ? known.runs : []), isHistory: known.transferCount > 1, log: own.log,
            index: own.index, tagger: Untagged(), options: job.planOptions, reserve: { bytes in try own.reserve(bytes) }
        )
    }

    /// The transfer that may be taken up. A receiver that asks anew knows by itself what runs: that a session of ours is
    /// over, it may know before we do.
    private static func interrupted(_ job: SendJob, _ journal: TransferJournal) throws -> TransferID? {
        job.confinement == nil ? try journal.interrupted()?.transfer : try journal.begun().last
    }
}

extension SendJob {
    fileprivate func options(for tree: ScannedTree) -> TransferOptions {
        var options = self.options.wire
        options.isSingleFile = tree.isSingleFile
        guard options.deletes else { return options }
        let spared = options.excludes + tree.withheld.map(ExcludePattern.naming)
        // What could not be listed may still exist, and what cannot be named is not spared: nothing is deleted then.
        options.deletes = tree.isComplete && TransferOptions.canSpare(spared)
        if options.deletes { options.excludes = spared }
        return options
    }
}
