import ArgumentParser
import PacketFS

struct InitCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make this machine's home.",
        discussion: """
            The home holds the peers, their seeds, the blob and the journals. All of it is readable by you alone. \
            There is one home for each user, unless --home names another folder.

            Examples:
              packetfs init
              packetfs init --home /srv/packetfs
            """
    )

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let home = try Home.create(at: context.location)
        context.output.event(HomeEvent(home.location))
        context.output.remark("made a home: \(home.location.state.printable) and \(home.location.data.printable)")
    }
}
