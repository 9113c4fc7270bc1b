import ArgumentParser
import PacketFS

struct PadSkipCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "skip",
        abstract: "Go on with a pad that was moved, copied or restored, at a later block.",
        discussion: """
            A pad whose machine or files changed is locked, because its ledger may not know what was used. Ask the peer \
            for the 'received to' of its 'packetfs pad status', and skip past it, and past every message that is still \
            under way. Blocks before are destroyed. Never go on with the same copy on two machines.

            Examples:
              packetfs pad skip harbour --past 5000
            """
    )

    @Argument(help: "The pad.")
    var name: String

    @Option(help: ArgumentHelp("The block that sending goes on with.", valueName: "block"))
    var past: UInt64

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let pad = try context.home().skipPad(name, past: past)
        context.output.result(PadEvent(pad), lines: context.output.isQuiet ? [] : PadText.lines([pad]))
    }
}
