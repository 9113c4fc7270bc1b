import ArgumentParser
import PacketFS

struct StatusCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the home: peers, what both ends hold, transfers that can be resumed.",
        discussion: """
            Examples:
              packetfs status
              packetfs status --json
            """
    )

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let status = try context.home().status()
        context.output.event(HomeEvent(status.location))
        status.peers.forEach { context.output.event(PeerEvent($0)) }
        status.unfinished.forEach { context.output.event(UnfinishedEvent($0)) }
        if !context.output.isJSON { StatusText.lines(status).forEach(context.output.output.write) }
    }
}
