import ArgumentParser
import PacketFS

struct PadKeptCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "kept",
        abstract: "Write or send a message that is kept once more, or keep it no longer.",
        discussion: """
            A message is kept under its first block, which 'packetfs pad status' shows, until a message of the peer \
            acknowledges it. Written again, it is the same bytes: nothing of the pad is used.

            Examples:
              packetfs pad kept 12 > report.message
              packetfs pad kept --send harbour 12
              packetfs pad kept --forget 12
            """
    )

    @Argument(help: ArgumentHelp("First block of the message.", valueName: "block"))
    var start: UInt64

    @Option(help: ArgumentHelp("The pad; may be left out if there is only one.", valueName: "name"))
    var pad: String?

    @Flag(help: "Keep it no longer: the peer has it.")
    var forget = false

    @Option(help: ArgumentHelp("Let a session carry it to this peer.", valueName: "peer"))
    var send: String?

    @Option(
        help: ArgumentHelp("New file for the message; else standard output.", valueName: "file"), completion: .file())
    var message: String?

    @OptionGroup(title: "Common options") var common: CommonOptions

    func validate() throws {
        if [forget, send != nil, message != nil].count(where: \.self) > 1 {
            throw ValidationError("Give one of --forget, --send and --message.")
        }
    }

    func run(in context: CommandContext) async throws {
        let home = try context.home()
        let name = try context.padName(pad, in: home)
        if forget { return try home.forgetMessage(start, of: name) }
        if let send {
            return try await context.follow(home.sendKeptMessage(start, of: name, to: send), verb: "sent")
        }
        let target = try MessageOutput(file: message, context.output)
        try home.keptMessage(start, of: name, target.write)
        target.finish()
    }
}
