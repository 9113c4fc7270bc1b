import ArgumentParser
import PacketFS

/// How the contents travel: what `send`, `get`, `plan` and `blob add` share.
struct CodingFlags: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Compress the bytes that the blob lacks.")
    var compress: Bool?

    @Flag(inversion: .prefixedNo, help: "Look for matches in the blob.")
    var match: Bool?

    @Flag(inversion: .prefixedNo, help: "Learn the new bytes on both ends, so that the next transfer is smaller.")
    var learn: Bool?

    @Flag(help: "Send no literal byte; fail and say what the blob lacks.")
    var offsetOnly = false

    @Option(
        name: .long,
        help: ArgumentHelp("Leave out names that match this glob; may be repeated.", valueName: "pattern")
    )
    var exclude: [String] = []

    @Flag(
        help: ArgumentHelp(
            "Trust no stat cache: read every file, and compare it with what stands at the destination, if the sender may "
                + "get that, too; else write every file anew."))
    var checksum = false

    /// Options of the library: flags, else settings, else the defaults.
    func options(_ settings: Settings) -> SendOptions {
        var options = SendOptions()
        options.compresses = compress ?? settings.compress ?? options.compresses
        options.matches = match ?? settings.match ?? options.matches
        options.learns = learn ?? settings.learn ?? options.learns
        options.offsetOnly = offsetOnly
        options.excludes = (settings.exclude ?? []) + exclude
        options.checksums = checksum
        return options
    }
}

/// How hard this machine works: what `send` and `plan` share.
struct EffortFlags: ParsableArguments {
    @Option(help: "Work for fewer bytes on the wire, or for speed.")
    var effort: Effort?

    func apply(to options: inout SendOptions) {
        options.effort = effort ?? options.effort
    }
}

/// How a session is made: what commands that connect share.
struct SessionFlags: ParsableArguments {
    @Option(help: "Cipher suite; else the one of the peer's entry.")
    var suite: Suite?

    @Option(help: "Round the bytes that this end sends up, to hide sizes, or count every byte.")
    var padding: PaddingRule?

    @Option(help: ArgumentHelp("Seconds to wait for a connection.", valueName: "seconds"))
    var connectTimeout: Double?

    func validate() throws {
        if let connectTimeout, !(0...86_400).contains(connectTimeout) {
            throw ValidationError("--connect-timeout takes 0 to 86400 seconds.")
        }
    }

    func apply(to options: inout SendOptions, _ settings: Settings) {
        options.suite = suite ?? settings.suite
        options.padding = padding ?? settings.padding ?? options.padding
        options.connectTimeout = connectTimeout ?? settings.connectTimeout ?? options.connectTimeout
    }
}

/// What is done at the destination: what `send` and `get` share.
struct DestinationFlags: ParsableArguments {
    @Flag(help: "Delete at the destination what the sources do not have; excluded names stay.")
    var delete = false

    @Flag(name: [.customShort("n"), .long], help: "Say what would be done, and write nothing.")
    var dryRun = false

    @Flag(help: "Keep set-user-id and set-group-id bits.")
    var keepSpecialModes = false

    @Flag(help: "Report SHA-256 of each file where it is written.")
    var digest = false

    var isSet: Bool { delete || dryRun || keepSpecialModes || digest }

    func apply(to options: inout SendOptions) {
        options.deletes = delete
        options.isDryRun = dryRun
        options.keepsSpecialModes = keepSpecialModes
        options.digests = digest
    }
}
