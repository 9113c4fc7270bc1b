import PacketFSBlob
import PacketFSPlan
import PacketFSStore
import PacketFSWire

/// A tree on its way to a destination.
final class TransferPlan: Outgoing {
    private let draft: TransferDraft
    /// Held while the transfer runs.
    private let claim: TransferClaim
    let knownOfActual: [Extent]?
    private let own: OwnLog
    private let journal: TransferJournal
    private var learned: [Extent] = []

    init(
        _ draft: TransferDraft, claim: TransferClaim, knownOfActual: [Extent]?, own: OwnLog, journal: TransferJournal
    ) {
        self.draft = draft
        self.claim = claim
        self.knownOfActual = knownOfActual
        self.own = own
        self.journal = journal
    }

    var offer: Offer { draft.offer }
    var isDoubtful: Bool { draft.drops.areUntold }
    private var planner: Planner { draft.planner }
    private var tree: ScannedTree { draft.tree }
    var records: any RecordSource { planner }

    func accepted() throws {
        try own.accepted(knowing: draft.drops)
    }

    func finishLearning() throws {
        guard offer.options.learns else { return }
        let all = try planner.finishLearning()
        let entries = tree.manifest.entries
        try own.insert(
            all.map { extent in
                let files = planner.entries(of: extent)
                return (
                    extent: extent, first: files.map { entries[$0.lowerBound].path } ?? [],
                    last: files.map { entries[$0.upperBound].path } ?? []
                )
            }, transfer: offer.transfer, releasing: planner.takeUnused())
        learned += all
    }

    func complete(_ receipt: Receipt) throws {
        let confirmed = Set(receipt.learned)
        try own.acknowledge(learned.filter(confirmed.contains))
        guard !offer.options.isDryRun else { return }
        let failed = Set(receipt.failures.filter { $0.failure != .metadata }.map(\.entry))
        try journal.complete(
            offer.transfer, tree.snapshot(transfer: offer.transfer, origins: planner.origins, excluding: failed),
            emptied: offer.options.emptied(of: tree.manifest.entries))
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
        if offer.options.isDryRun { summary.changes = changes }
    }

    /// The files that are sent, as far as the receiver still has what we know of.
    private var changes: [PathChange] {
        zip(tree.manifest.entries.filter { $0.kind == .file }, planner.origins)
            .filter { $1 == .sent }.map { entry, _ in PathChange(.write, String(path: entry.path)) }
    }

    func forget() {
        _ = try? journal.store.finish(offer.transfer)
    }

    func abandon() {
        planner.giveBack(to: own)
    }
}

extension Planner {
    /// Gives back what was reserved and is in no record.
    func giveBack(to own: OwnLog) {
        if let unused = takeUnused() { try? own.release(unused) }
    }
}
