import ArgumentParser
import PacketFS

struct SeedListCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the seeds: whose, in which vault, and what comes next in a rotation.",
        discussion: """
            Of seeds that are given up and could not be destroyed yet it asks for the PINs, destroys them, and says what \
            is left.
            """
    )

    @Argument(help: "The peer; else all.")
    var name: String?

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let home = try context.home()
        let seeds = try home.seeds(of: name)
        seeds.forEach { context.output.event(SeedEvent($0)) }
        if !context.output.isJSON { SeedText.lines(seeds).forEach(context.output.output.write) }
        try context.warnOfAbandoned(in: home, asking: true)
    }
}
