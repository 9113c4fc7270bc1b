import ArgumentParser
import PacketFS

struct PeerShowCommand: PacketCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a peer's entry.")

    @Argument(help: "The peer.")
    var name: String

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let peer = try context.peer(name, in: context.home())
        context.output.result(PeerEvent(peer), lines: PeerText.entry(peer))
    }
}
