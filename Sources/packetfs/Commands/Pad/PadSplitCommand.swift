import ArgumentParser
import PacketFS

struct PadSplitCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: "Make the copies of both sides, and destroy the whole pad.",
        discussion: """
            Each copy is carried to its machine by hand and imported there. Whoever reads one reads every message. If it \
            was interrupted, the same command finishes it, and destroys the hidden file of a copy that was not whole.

            Examples:
              packetfs pad split whole.pad office.pad harbour.pad
            """
    )

    @Argument(help: "The whole pad.", completion: .file())
    var file: String

    @Argument(help: "New file for one side.", completion: .file())
    var one: String

    @Argument(help: "New file for the other side.", completion: .file())
    var other: String

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        try context.requireLockedMemory()
        try PadMaking.split(file, into: one, and: other)
        context.output.event(PadSplitEvent(files: [one, other]))
        context.output.remark("made \(one.printable) and \(other.printable); \(file.printable) is destroyed")
    }
}
