import ArgumentParser
import PacketFS

struct PadSkipCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "skip",
        abstract: "Go on with a pad that was moved, copied or restored, at a later block.",
        discussion: """
            A pad whose machine or files changed is locked, because its ledger may not know what was used. Ask the peer \
            for the 'received to' of its 'packetfs pad status', and skip past it, and past every message that is still \
            under way. Ask for its 'sent to', too, and give that to --received-to: what was opened once could else be \
            opened again. Blocks before are destroyed, so the peer must seal anew what is under way. A higher number \
            than the peer's makes it take its own ledger for an old one. Never go on with the same copy on two machines.

            Examples:
              packetfs pad skip harbour --past 5000 --received-to 3000
            """
    )

    @Argument(help: "The pad.")
    var name: String

    @Option(help: ArgumentHelp("The block that sending goes on with.", valueName: "block"))
    var past: UInt64

    @Option(help: ArgumentHelp("The peer's 'sent to'; needed if the pad is locked.", valueName: "block"))
    var receivedTo: UInt64?

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let pad = try context.home().skipPad(name, past: past, receivedTo: receivedTo)
        context.output.result(PadEvent(pad), lines: context.output.isQuiet ? [] : PadText.lines([pad]))
    }
}
