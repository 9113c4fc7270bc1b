import PacketFSPlan
import PacketFSWire

/// What is to be sent, where to, and how.
struct SendJob: Sendable {
    /// Local paths; a trailing `/` means the contents.
    var sources: [String]
    /// The path at the receiver as it stands in the offer, or what a receiver that asked calls it: the key of our
    /// records about it.
    var destination: String
    var options: SendOptions
    /// The folder that the sources must lie beneath, if a peer named them.
    var confinement: String?

    /// The sources, if a peer named them; else empty.
    var asked: String { confinement == nil ? "" : sources.joined(separator: ", ") }

    /// Walks the sources. Throws a `PacketFSError` that names the one that cannot be used, unless a peer named them.
    func scan(while wish: Wish = Wish()) throws -> ScannedTree {
        do {
            return try TreeScanner.scan(sources: sources, options: scanOptions(wish))
        } catch let error as PlanError where confinement == nil {
            throw PacketFSError(error, naming: sources)
        }
    }

    private func scanOptions(_ wish: Wish) throws -> ScanOptions {
        var scan = ScanOptions()
        scan.isWanted = { wish.stands }
        scan.excludes = try ExcludeList(options.excludes)
        scan.confinement = confinement
        return scan
    }

    var planOptions: PlanOptions {
        var plan = PlanOptions()
        plan.compresses = options.compresses
        plan.matches = options.matches
        plan.effort = options.effort.plan
        plan.isOffsetOnly = options.offsetOnly
        plan.learns = options.learns && !options.isDryRun
        plan.omitsContent = options.isDryRun
        return plan
    }
}
