import ArgumentParser
import PacketFS

struct BlobForgetCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Drop every extent that holds bytes of a path, or of what is beneath it.",
        discussion: """
            The path is the one at the destination, as 'packetfs blob list' shows it. Bytes of neighbours in the same \
            extents are dropped too; they are learned again when they are sent again.

            Examples:
              packetfs blob forget releases/1.0
            """
    )

    @Argument(help: "The path, as 'blob list' shows it.")
    var path: String

    @OptionGroup var blob: BlobPeerOption
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let release = try context.home(makesRoom: true).forget(path: path, peer: blob.peer)
        context.output.freed(release)
    }
}
