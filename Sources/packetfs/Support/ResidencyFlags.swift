public import ArgumentParser
public import PacketFS

extension BlobResidency.Effort: ExpressibleByArgument {}

/// How the blob is kept in memory: what `serve` and `get` share.
struct ResidencyFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp("Keep the blob in huge pages that the system set aside.", valueName: "off|try|require"))
    var hugePages: BlobResidency.Effort?

    @Option(help: ArgumentHelp("Keep it in transparent huge pages.", valueName: "off|try|require"))
    var transparentHugePages: BlobResidency.Effort?

    @Option(help: ArgumentHelp("Keep it in the memory of one NUMA node.", valueName: "off|try|require"))
    var numa: BlobResidency.Effort?

    @Option(help: ArgumentHelp("The node.", valueName: "number"))
    var numaNode: Int?

    @Option(help: ArgumentHelp("Keep it locked into memory.", valueName: "off|try|require"))
    var lockBlob: BlobResidency.Effort?

    func validate() throws {
        if let numaNode, !(0...1022).contains(numaNode) { throw ValidationError("A node is 0 to 1022.") }
    }

    /// Options of the library: flags, else settings, else all off.
    func residency(_ settings: Settings) -> BlobResidency {
        var residency = BlobResidency()
        residency.hugePages = hugePages ?? settings.hugePages ?? .off
        residency.transparentHugePages = transparentHugePages ?? settings.transparentHugePages ?? .off
        residency.numa = numa ?? settings.numa ?? .off
        residency.numaNode = numaNode ?? settings.numaNode ?? 0
        residency.lock = lockBlob ?? settings.lockBlob ?? .off
        return residency
    }
}
