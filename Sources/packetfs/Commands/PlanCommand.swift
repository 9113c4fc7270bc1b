import ArgumentParser
import PacketFS

struct PlanCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Say what a transfer would cost, and send nothing.",
        usage: "packetfs plan [--explain] [<options>] <path> ... <peer>:[<destination>]",
        discussion: """
            Plans against what the peer is known to hold since the last session with it. With --explain, each file has \
            a line: its size, the bytes that come out of the blob, those that resemble bytes there, those in runs of one \
            value, and those that the blob lacks. What the transfer would learn lies in the blob meanwhile, and needs as \
            much room.

            The bytes are those of what is sent from here for the files. The handshake and the peer's answer come on top: \
            7 KB, or 2.7 KB where neither end pads.

            Examples:
              packetfs plan release/ harbour:
              packetfs plan --explain release/ harbour:releases/current
            """
    )

    @Argument(help: "Sources, and last the destination as PEER:PATH.", completion: .file())
    var paths: [String]

    @Flag(help: "Show a line for each file.")
    var explain = false

    @OptionGroup(title: "Coding") var coding: CodingFlags
    @OptionGroup(title: "Coding") var effort: EffortFlags
    @OptionGroup(title: "Common options") var common: CommonOptions

    func validate() throws {
        _ = try SourcesAndPeer.split(paths)
    }

    func run(in context: CommandContext) async throws {
        let (sources, target) = try SourcesAndPeer.split(paths)
        var options = coding.options(context.settings)
        effort.apply(to: &options)
        options.padding = context.settings.padding ?? options.padding
        let plan = try context.home().plan(sources, for: target, options: options)
        if explain { PlanText.items(plan, context.output) }
        context.output.result(PlanEvent(plan), lines: PlanText.totals(plan))
    }
}
