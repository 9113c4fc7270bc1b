import PacketFSBlob
import PacketFSPlan
import PacketFSStore
import PacketFSWire

/// Adds the contents of files to our log for one peer. Files whose bytes the log has already, sent or not, are left
/// out, so that an addition that was interrupted can simply be made again.
struct BlobAddition {
    let domain: PeerDomain
    let job: SendJob

    /// What came of it. Problems of the tree, and what changed since it was scanned, are the caller's to tell.
    struct Added {
        let tree: ScannedTree
        /// Files that were added, and those that could not be looked at.
        let files: Int
        let dropped: [FailedEntry]

        var filesKept: Int { tree.manifest.entries.filter { $0.kind == .file }.count - files - dropped.count }

        var warnings: [TransferWarning] {
            tree.problems.map { TransferWarning($0) }
                + dropped.map { TransferWarning($0, in: tree.manifest.entries) }
        }
    }

    @discardableResult
    func run(in own: OwnLog, while wish: Wish) throws -> Added {
        try add(job.scan(while: wish), to: own, while: wish)
    }

    func add(_ tree: ScannedTree, to own: OwnLog, while wish: Wish) throws -> Added {
        let (lacking, dropped) = try lacking(of: tree, in: own, while: wish)
        var placer = TreePlacer(
            tree: tree, entries: lacking, log: own.log, index: own.index, key: try domain.placementKey())
        let placed = try placer.place(while: { wish.stands }) { try own.reserve(exactly: $0) }
        let entries = tree.manifest.entries
        try own.insert(
            placed.map {
                (
                    extent: $0.extent, first: entries[$0.entries.lowerBound].path,
                    last: entries[$0.entries.upperBound].path
                )
            }, transfer: nil)
        return Added(tree: tree, files: lacking.count, dropped: dropped)
    }

    /// The file entries of which the log lacks any bytes, and those that are not as they were scanned.
    private func lacking(
        of tree: ScannedTree, in own: OwnLog, while wish: Wish
    ) throws -> (lacking: [Int], dropped: [FailedEntry]) {
        var options = PlanOptions()
        options.learns = false
        options.compresses = false
        options.reportsFiles = true
        let known = try (own.holdings().extents + own.provisioned()).sorted { $0.range.address < $1.range.address }
        let planner = try Planner(
            transfer: .random(), tree: tree, origins: Origins.choose(for: tree, from: nil, checksums: false),
            runs: RunSet(Holdings(log: own.id, extents: known).runs), log: own.log, index: own.index,
            tagger: Untagged(), options: options, reserve: { _ in throw PlanError.blob })
        var dropped: [FailedEntry] = []
        while let step = try planner.next() {
            guard wish.stands else { throw PlanError.cancelled }
            if case .dropped(let entries) = step { dropped += entries }
        }
        let failed = Set(dropped.map(\.entry))
        let lacking = planner.report.files.filter { $0.bytes.literal > 0 && !failed.contains($0.entry) }.map(\.entry)
        return (lacking, dropped)
    }
}
