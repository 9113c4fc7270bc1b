import ArgumentParser
import PacketFS

struct SeedRevokeCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Destroy the seeds of a peer at once.",
        discussion: """
            The peer is nobody from now on, also for a server that runs; open sessions end within seconds. Its entry and \
            its blob stay. 'seed rotate --export' makes a new seed for it; none of the old ones is ever taken again.

            Examples:
              packetfs seed revoke harbour
            """
    )

    @Argument(help: "The peer.")
    var name: String

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let home = try context.home()
        let peer = try context.peer(name, in: home)
        guard yes || Console.input.confirms("Destroy the seeds of '\(peer.name.printable)'?") else {
            throw PacketFSError(.usage, "nothing was revoked", hint: "answer 'yes', or give --yes")
        }
        let count = try home.revokeSeeds(of: peer.name)
        context.output.event(RevokedEvent(peer: peer.name, seeds: count))
        context.output.remark("revoked \(count) seed\(count == 1 ? "" : "s") of \(peer.name.printable)")
        try context.warnOfAbandoned(in: home)
    }
}
