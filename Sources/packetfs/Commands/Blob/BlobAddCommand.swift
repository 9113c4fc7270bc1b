import ArgumentParser
import PacketFS

struct BlobAddCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Put the contents of files into the blob of this machine and of a peer.",
        discussion: """
            The bytes lie in a random order that a key of the blob decides. The peer's 'serve' must run; its files are \
            not touched.

            Examples:
              packetfs blob add corpus/ --peer harbour
            """
    )

    @Argument(help: "Files and folders.", completion: .file())
    var paths: [String]

    @Option(help: ArgumentHelp("The peer; may be left out if there is only one.", valueName: "name"))
    var peer: String?

    @OptionGroup(title: "Coding") var coding: CodingFlags
    @OptionGroup(title: "Session") var session: SessionFlags
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let home = try context.home()
        var options = coding.options(context.settings)
        session.apply(to: &options, context.settings)
        let name = try context.peerName(peer, in: home)
        try await context.follow(home.addToBlob(paths, peer: name, options: options), verb: "added")
    }
}
