import PacketFSBlob
import PacketFSChannel
import PacketFSPlan
import PacketFSStore
import PacketFSWire

/// Scans the sources and plans a transfer against what the receiver is known to hold.
struct TransferPlanner: OutgoingPlanner {
    let job: SendJob
    let domain: PeerDomain
    let own: OwnLog
    /// The session's integrity key for a transfer.
    let tagger: (TransferID) -> any LeafTagger

    func plan(actual: [Extent]?, partial: PartialState?) throws -> any Outgoing {
        if let actual { try own.replaceAcknowledged(by: actual) }
        let tree = try job.scan()
        let journal = TransferJournal(sendingTo: job.destination, in: domain)
        let transfer = TransferID.random()
        let claim = try domain.store.claim(transfer).orThrow(.internal, "an id was drawn twice")
        let held = try partial.map { try journal.held(of: $0, in: tree) } ?? [:]
        let interrupted = partial == nil ? try interrupted(journal) : nil
        let origins = try origins(of: tree, journal: journal, interrupted: interrupted)
        let holdings = try own.holdings()
        let known = RunSet(job.options.matches ? holdings.runs : [])
        let offer = Offer(
            transfer: transfer, destination: job.destination, options: options(for: tree), log: own.id,
            holdingsDigest: holdings.digest,
            resumes: interrupted, continues: partial?.transfer
        )
        if !job.options.isDryRun { try journal.begin(transfer, tree, after: partial, asked: job.asked) }
        let planner = try Planner(
            transfer: transfer, tree: tree, origins: origins, held: held, runs: known,
            log: own.log, index: own.index, tagger: tagger(transfer), options: job.planOptions,
            reserve: { bytes in try own.reserve(bytes) }
        )
        return TransferPlan(
            offer: offer, claim: claim, planner: planner, tree: tree,
            knownOfActual: actual.flatMap { $0 == holdings.extents ? nil : holdings.extents }, own: own,
            journal: journal)
    }

    /// The transfer that may be taken up. A receiver that asks anew knows by itself what runs: that a session of ours is
    /// over, it may know before we do.
    private func interrupted(_ journal: TransferJournal) throws -> TransferID? {
        job.confinement == nil ? try journal.interrupted()?.transfer : try journal.begun().last
    }

    private func options(for tree: ScannedTree) -> TransferOptions {
        var options = job.options.wire
        options.isSingleFile = tree.isSingleFile
        guard options.deletes else { return options }
        let spared = options.excludes + tree.withheld.map(ExcludePattern.naming)
        // What could not be listed may still exist, and what cannot be named is not spared: nothing is deleted then.
        options.deletes = tree.isComplete && TransferOptions.canSpare(spared)
        if options.deletes { options.excludes = spared }
        return options
    }

    private func origins(
        of tree: ScannedTree, journal: TransferJournal, interrupted: TransferID?
    ) throws -> [Origin] {
        Origins.choose(
            for: tree, from: try journal.snapshot(), orElse: try interrupted.flatMap { try journal.believed(of: $0) },
            checksums: job.options.checksums)
    }
}
