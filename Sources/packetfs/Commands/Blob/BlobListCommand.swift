import ArgumentParser
import PacketFS

struct BlobListCommand: PacketCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the extents of the blob.")

    @OptionGroup var blob: BlobPeerOption
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let extents = try context.home().extents(peer: blob.peer)
        extents.forEach { context.output.event(ExtentEvent("extent", $0)) }
        if !context.output.isJSON { ExtentText.lines(extents).forEach(context.output.output.write) }
    }
}
