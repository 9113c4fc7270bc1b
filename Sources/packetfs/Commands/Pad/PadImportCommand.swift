import ArgumentParser
import PacketFS

struct PadImportCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in a copy that was carried here, and destroy the carried file.",
        discussion: """
            Every block is read and checked. The pad is bound to this machine, and no other copy of it is ever imported \
            into this home. If it was interrupted, the same command finishes it; under another name, it destroys what is \
            left of the first.

            Examples:
              packetfs pad import office.pad --name harbour
            """
    )

    @Argument(help: "The copy.", completion: .file())
    var file: String

    @Option(help: "What this machine calls the pad.")
    var name: String

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let (pad, wasHere) = try context.home().importPad(from: file, as: name)
        if wasHere { context.output.remark("\(name) was here already; \(file.printable) is destroyed now") }
        context.output.result(PadEvent(pad), lines: context.output.isQuiet ? [] : PadText.lines([pad]))
    }
}
