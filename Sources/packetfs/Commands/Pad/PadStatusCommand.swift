import ArgumentParser
import PacketFS

struct PadStatusCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what is left of the pads, their sources, and what may be claimed.",
        discussion: """
            'sent to' and 'received to' are the ends of what was used, in blocks of 4,096 bytes: a peer that lost its \
            ledger must skip past our 'received to'.

            Examples:
              packetfs pad status
              packetfs pad status --json
            """
    )

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let pads = try context.home().pads()
        pads.forEach { context.output.event(PadEvent($0)) }
        if !context.output.isJSON { PadText.lines(pads).forEach(context.output.output.write) }
        if let pad = pads.first(where: { $0.problem?.code == .integrity }) {
            throw PacketFSError(.integrity, "\(pad.name): \(pad.problem?.message ?? "")")
        }
    }
}
