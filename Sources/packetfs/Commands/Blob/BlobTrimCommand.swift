import ArgumentParser
import PacketFS

struct BlobTrimCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "trim",
        abstract: "Drop the oldest extents until at most so many bytes are left, for each peer and log.",
        discussion: """
            Examples:
              packetfs blob trim --to 20G
              packetfs blob trim --to 0 --peer harbour
            """
    )

    @Option(help: ArgumentHelp("Bytes that may stay, such as 500M or 20G.", valueName: "size"))
    var to: ByteCountArgument

    @OptionGroup var blob: BlobPeerOption
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let release = try context.home(makesRoom: true).trimBlob(to: to.bytes, peer: blob.peer)
        context.output.freed(release)
    }
}
