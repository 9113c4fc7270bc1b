import ArgumentParser
import PacketFS

struct PadDestroyCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy",
        abstract: "Destroy all that is left of a pad, and the messages that are kept.",
        discussion: """
            It is overwritten, given back and removed; on SSDs and copy-on-write file systems the old blocks may \
            outlive that. The ledger stays, so that no other copy of the pad is imported. A pad whose ledger or file is \
            damaged can be destroyed, too; if it was interrupted, the same command finishes it.

            Examples:
              packetfs pad destroy harbour
            """
    )

    @Argument(help: "The pad.")
    var name: String

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let home = try context.home()
        guard yes || Console.input.confirms("Destroy the pad '\(name.printable)'?") else {
            throw PacketFSError(.usage, "the pad was not destroyed", hint: "answer 'yes', or give --yes")
        }
        try home.destroyPad(name)
        context.output.event(RemovedEvent(name: name))
        context.output.remark("destroyed \(name.printable)")
    }
}
