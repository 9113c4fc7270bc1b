import PacketFSBlob
import PacketFSPlan
import PacketFSStore
import PacketFSWire

/// A tree on its way to a destination.
final class TransferPlan: Outgoing {
    let offer: Offer
    private let planner: Planner
    private let tree: ScannedTree
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

    var records: any RecordSource { planner }

    func finishLearning() throws {
        guard offer.options.learns else { return }
        let all = try planner.finishLearning()
        let paths = self.paths
        try own.insert(
            all.filter { !learned.contains($0) }.map { (extent: $0, first: paths.first, last: paths.last) },
            transfer: offer.transfer)
        learned = all
    }

    func complete(_ receipt: Receipt) throws {
        let confirmed = Set(receipt.learned)
        try own.acknowledge(learned.filter(confirmed.contains))
        guard !offer.options.isDryRun else { return }
        let failed = Set(receipt.failures.filter { $0.failure != .metadata }.map(\.entry))
        try journal.complete(tree.snapshot(transfer: offer.transfer, origins: planner.origins, excluding: failed))
    }

    func warnings(from receipt: Receipt) -> [TransferWarning] {
        let entries = tree.manifest.entries
        return tree.problems.map { TransferWarning($0) }
            + receipt.failures.filter { entries.indices.contains($0.entry) }.map { TransferWarning($0, in: entries) }
    }

    func count(in summary: inout TransferSummary) {
        summary.entries = tree.manifest.entries.count
        summary.treeBytes = tree.totalBytes
        summary.contentBytes += planner.contentLength
    }

    /// The first and the last path of the tree.
    private var paths: (first: [UInt8], last: [UInt8]) {
        let files = tree.manifest.entries.filter { $0.kind == .file }
        return (files.first?.path ?? [], files.last?.path ?? [])
    }
}
