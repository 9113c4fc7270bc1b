import PacketFSPlan
import PacketFSWire

/// What is to be sent, where to, and how.
struct SendJob: Sendable {
    /// Local paths; a trailing `/` means the contents.
    var sources: [String]
    /// The path at the receiver as it stands in the offer, and the key of our records about it.
    var destination: String
    var options: SendOptions
    /// The folder that the sources must lie beneath, if a peer named them.
    var confinement: String?

    func scanOptions() throws -> ScanOptions {
        var scan = ScanOptions()
        scan.excludes = try ExcludeList(options.excludes)
        scan.confinement = confinement
        return scan
    }

    var planOptions: PlanOptions {
        var plan = PlanOptions()
        plan.compresses = options.compresses
        plan.matches = options.matches
        plan.isOffsetOnly = options.offsetOnly
        plan.learns = options.learns && !options.isDryRun
        return plan
    }
}
