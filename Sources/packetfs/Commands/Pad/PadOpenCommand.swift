import ArgumentParser
import Glibc
import PacketFS

struct PadOpenCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Open a message into a folder.",
        discussion: """
            The pad is the one that the message names. Nothing is written before the whole message was found authentic. \
            A message is opened once: its part of the pad is then destroyed. '-' reads standard input.

            Examples:
              packetfs pad open report.message ./in
              ssh relay cat report.message | packetfs pad open - ./in
            """
    )

    @Argument(help: "The message, or '-'.", completion: .file())
    var message: String

    @Argument(help: "Folder that its files go to; made if it is missing.", completion: .directory)
    var destination: String

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let home = try context.home()
        let source = message == "-" ? STDIN_FILENO : Glibc.open(message, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else {
            throw PacketFSError(.source, "the message cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(source) }
        let opened = try home.open(messageFrom: source, into: destination)
        for warning in opened.warnings {
            context.output.event(WarningEvent(warning))
            context.output.error.write(warning.text)
        }
        context.output.event(OpenedEvent(opened))
        let count = opened.filesWritten
        context.output.remark("opened \(count) \(count == 1 ? "file" : "files") into \(destination.printable)")
        guard opened.warnings.isEmpty else {
            throw PacketFSError(.partial, "\(opened.warnings.count) entries were not written as they are")
        }
    }
}
