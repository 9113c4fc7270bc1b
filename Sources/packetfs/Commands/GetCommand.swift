import ArgumentParser
import PacketFS

struct GetCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Fetch files and folders from a peer.",
        usage: "packetfs get [<options>] <peer>:<path> ... <destination>",
        discussion: """
            The peer must allow 'get' beneath a folder that holds the path. All sources come from one peer. Run the \
            same command again to resume a transfer that was interrupted.

            Examples:
              packetfs get harbour:logs/ ./logs
              packetfs get harbour:images/a.img harbour:images/b.img /srv/images
            """
    )

    @Argument(help: "Sources as PEER:PATH, and last the local destination.", completion: .file())
    var paths: [String]

    @OptionGroup(title: "Destination") var destination: DestinationFlags
    @OptionGroup(title: "Coding") var coding: CodingFlags
    @OptionGroup(title: "Protection") var protection: ProtectionFlags
    @OptionGroup(title: "Session") var session: SessionFlags
    @OptionGroup(title: "Memory") var memory: ResidencyFlags
    @OptionGroup(title: "Common options") var common: CommonOptions

    func validate() throws {
        _ = try split()
        if protection.protection == .otp {
            throw ValidationError("A message under a one-time pad is sent, not fetched.")
        }
    }

    func run(in context: CommandContext) async throws {
        let (sources, target) = try split()
        var options = coding.options(context.settings)
        session.apply(to: &options, context.settings)
        destination.apply(to: &options)
        let home = try context.home(memory.residency(context.settings))
        try protection.apply(to: &options, context, home)
        let transfer = home.get(sources, into: target, options: options)
        try await context.follow(transfer, verb: "fetched", isDryRun: options.isDryRun)
    }

    private func split() throws -> (sources: [PeerPath], destination: String) {
        guard let target = paths.last, paths.count > 1, !target.isEmpty else {
            throw ValidationError("Name at least one source PEER:PATH and a local destination.")
        }
        let sources = try paths.dropLast().map { text in
            guard let source = PeerPath(text) else {
                throw ValidationError("A source must be PEER:PATH, and '\(text)' is not.")
            }
            return source
        }
        guard Set(sources.map(\.peer)).count == 1 else { throw ValidationError("All sources must be of one peer.") }
        return (sources, target)
    }
}
