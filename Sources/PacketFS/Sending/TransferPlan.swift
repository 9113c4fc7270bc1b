import PacketFSBlob
import PacketFSPlan
import PacketFSStore
import PacketFSWire

/// One transfer as planned: what is offered, where its records come from, and what is to be remembered of it.
final class TransferPlan {
    let offer: Offer
    let planner: Planner
    let tree: ScannedTree
    /// What we know of the receiver's holdings, if it has extents that we do not know: it is to drop these.
    let knownOfActual: [Extent]?
    private let own: OwnLog
    private let journal: SendingJournal
    private var learned: [Extent] = []

    init(
        offer: Offer, planner: Planner, tree: ScannedTree, knownOfActual: [Extent]?, own: OwnLog,
        journal: SendingJournal
    ) {
        self.offer = offer
        self.planner = planner
        self.tree = tree
        self.knownOfActual = knownOfActual
        self.own = own
        self.journal = journal
    }

    /// Makes what was learned durable here, before the receiver can have acknowledged it.
    func finishLearning() throws {
        guard offer.options.learns else { return }
        let all = try planner.finishLearning()
        try own.insert(all.filter { !learned.contains($0) }, transfer: offer.transfer, paths: paths)
        learned = all
    }

    /// The receiver has committed: what it holds and what it has become our records.
    func complete(_ receipt: Receipt) throws {
        let confirmed = Set(receipt.learned)
        try own.acknowledge(learned.filter(confirmed.contains))
        guard !offer.options.isDryRun else { return }
        let failed = Set(receipt.failures.filter { $0.failure != .metadata }.map(\.entry))
        try journal.complete(tree.snapshot(transfer: offer.transfer, origins: planner.origins, excluding: failed))
    }

    /// What the receiver, or the scan, could not do for single paths.
    func warnings(from receipt: Receipt) -> [TransferWarning] {
        let entries = tree.manifest.entries
        return tree.problems.map { TransferWarning($0) }
            + receipt.failures.filter { entries.indices.contains($0.entry) }.map { TransferWarning($0, in: entries) }
    }

    /// The first and the last path of the tree.
    private var paths: (first: [UInt8], last: [UInt8]) {
        let files = tree.manifest.entries.filter { $0.kind == .file }
        return (files.first?.path ?? [], files.last?.path ?? [])
    }
}
