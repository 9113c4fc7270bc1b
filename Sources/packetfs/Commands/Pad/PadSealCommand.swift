import ArgumentParser
import PacketFS

struct PadSealCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Seal files and folders, names and metadata too, into a message under a pad.",
        usage: "packetfs pad seal [--pad <name>] [--pad-to <size>] [--message <file>] <path> ...",
        discussion: """
            The message goes to standard output, or to a new file with --message. It may travel in any way: whoever \
            does not have the pad can neither read nor change it. It takes the pad by 4,096 bytes, or by as many as \
            --pad-to says, so its length tells no more. The part of the pad that it covers is destroyed; the message is kept until the peer acknowledges \
            it ('packetfs pad kept').

            Examples:
              packetfs pad seal report.pdf > report.message
              packetfs pad seal --pad harbour --pad-to 1M notes/ --message notes.message
            """
    )

    @Argument(help: "Files and folders.", completion: .file())
    var paths: [String]

    @Option(help: ArgumentHelp("The pad; may be left out if there is only one.", valueName: "name"))
    var pad: String?

    @Option(help: ArgumentHelp("Take a multiple of this of the pad.", valueName: "size"))
    var padTo: ByteCountArgument?

    @Option(
        help: ArgumentHelp("New file for the message; else standard output.", valueName: "file"), completion: .file())
    var message: String?

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let target = try MessageOutput(file: message, context.output)
        let home = try context.home()
        let sealed = try home.seal(
            paths, pad: context.padName(pad, in: home), paddedTo: padTo?.bytes ?? 0, to: target.write)
        target.finish()
        for warning in sealed.warnings {
            context.output.event(WarningEvent(warning))
            context.output.error.write(warning.text)
        }
        context.output.event(SealedEvent(sealed))
        if sealed.source.isComputed { context.output.error.write("packetfs: warning: \(sealed.source.claim)") }
        guard sealed.warnings.isEmpty else {
            throw PacketFSError(.partial, "\(sealed.warnings.count) entries were not sealed as they are")
        }
    }
}
