import ArgumentParser
import PacketFS

struct PeerRemoveCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Forget a peer: destroy its seed, blob and journals.",
        discussion: """
            Files that the peer sent stay. Sessions with it end, and are waited for. There is no way back: a new seed must \
            be made and carried.
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
        guard yes || Console.input.confirms("Destroy the seed and the blob of '\(peer.name.printable)'?") else {
            throw PacketFSError(.usage, "the peer was not removed", hint: "answer 'yes', or give --yes")
        }
        try home.removePeer(peer.name)
        context.output.event(RemovedEvent(name: peer.name))
        context.output.remark("removed \(peer.name.printable)")
        try context.warnOfAbandoned(in: home)
    }
}
