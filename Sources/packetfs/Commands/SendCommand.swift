import ArgumentParser
import PacketFS

struct SendCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send files and folders to a peer.",
        usage: "packetfs send [<options>] <path> ... <peer>:<destination>",
        discussion: """
            A source with a trailing '/' means what is in the folder, without it the folder itself, as with rsync. A \
            relative destination lies beneath the first folder that the peer allows. Run the same command again to \
            resume a transfer that was interrupted.

            Examples:
              packetfs send release/ harbour:releases/current
              packetfs send --delete --exclude '*.o' src harbour:
              packetfs send --dry-run data.img harbour:images/
              packetfs send --protection keystream --pad harbour release/ harbour:
              packetfs send --protection otp --pad harbour report.pdf harbour:in
            """
    )

    @Argument(help: "Sources, and last the destination as PEER:PATH.", completion: .file())
    var paths: [String]

    @OptionGroup(title: "Destination") var destination: DestinationFlags
    @OptionGroup(title: "Coding") var coding: CodingFlags
    @OptionGroup(title: "Coding") var effort: EffortFlags
    @OptionGroup(title: "Protection") var protection: ProtectionFlags
    @OptionGroup(title: "Session") var session: SessionFlags
    @OptionGroup(title: "Common options") var common: CommonOptions

    func validate() throws {
        _ = try SourcesAndPeer.split(paths)
        if protection.protection == .otp, destination.isSet || coding.offsetOnly {
            throw ValidationError(
                "A message under a one-time pad takes no options of the destination, nor --offset-only.")
        }
    }

    func run(in context: CommandContext) async throws {
        let (sources, target) = try SourcesAndPeer.split(paths)
        var options = coding.options(context.settings)
        effort.apply(to: &options)
        session.apply(to: &options, context.settings)
        destination.apply(to: &options)
        let home = try context.home()
        try protection.apply(to: &options, context, home)
        let transfer =
            if protection.protection == .otp {
                try home.sendMessage(
                    sources, to: target, pad: context.padName(protection.pad, in: home),
                    paddedTo: protection.padTo?.bytes ?? 0, options: options)
            } else {
                home.send(sources, to: target, options: options)
            }
        try await context.follow(transfer, verb: "sent", isDryRun: options.isDryRun)
    }
}
