import PacketFSBlob
import PacketFSPlan
import PacketFSStore
import PacketFSWire

/// Adds the contents of files to our log for one peer. Files whose bytes the log has already, sent or not, are left
/// out, so that an addition that was interrupted can simply be made again.
struct BlobAddition {
    let domain: PeerDomain
    let job: SendJob

    /// Returns the tree, whose problems are the caller's to tell, and how many of its files were added.
    @discardableResult
    func run(in own: OwnLog) throws -> (tree: ScannedTree, files: Int) {
        let tree = try job.scan()
        let lacking = try lacking(of: tree, in: own)
        var placer = TreePlacer(
            tree: tree, entries: lacking, log: own.log, index: own.index, key: try domain.placementKey())
        let placed = try placer.place { try own.reserve(exactly: $0) }
        let entries = tree.manifest.entries
        try own.insert(
            placed.map {
                (
                    extent: $0.extent, first: entries[$0.entries.lowerBound].path,
                    last: entries[$0.entries.upperBound].path
                )
            }, transfer: nil)
        return (tree, lacking.count)
    }

    /// The file entries of which the log lacks any bytes.
    private func lacking(of tree: ScannedTree, in own: OwnLog) throws -> [Int] {
        var options = PlanOptions()
        options.learns = false
        options.compresses = false
        options.reportsFiles = true
        let known = try (own.holdings().extents + own.provisioned()).sorted { $0.range.address < $1.range.address }
        let planner = try Planner(
            transfer: .random(), tree: tree, origins: Origins.choose(for: tree, from: nil, checksums: false),
            runs: RunSet(Holdings(log: own.id, extents: known).runs), log: own.log, index: own.index,
            tagger: Untagged(), options: options, reserve: { _ in throw PlanError.blob })
        while try planner.next() != nil {}
        return planner.report.files.filter { $0.bytes.literal > 0 }.map(\.entry)
    }
}
