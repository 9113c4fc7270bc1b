import ArgumentParser
import PacketFS

struct BlobForgetCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Drop every extent with bytes that came under a path, or beneath it.",
        discussion: """
            The path is as 'packetfs blob list' shows it: as it was below the source that was sent, wherever it went. \
            What a file shares with one that was sent before lies under the path of that one; what the peer brought by \
            'blob add' has no path here, and only 'blob trim --to 0' is sure to take it. \
            Each end forgets for itself. Bytes of neighbours in the same extents are dropped too; they are learned \
            again when they are sent again.

            Examples:
              packetfs blob forget photos                 # what 'send ./photos harbour:' sent
              packetfs blob forget report.pdf             # what 'send ./docs/ harbour:2026' sent of docs/report.pdf
            """
    )

    @Argument(help: "The path, as 'blob list' shows it.")
    var path: String

    @OptionGroup var blob: BlobPeerOption
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let release = try context.home(makesRoom: true).forget(path: path, peer: blob.peer)
        context.output.freed(release)
        guard release.extents > 0 else {
            throw PacketFSError(
                .usage, "no extent of the blob came under '\(path)'", hint: "`packetfs blob list` shows the paths")
        }
    }
}
