import ArgumentParser
import PacketFS

struct BlobVerifyCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read the whole blob and check every digest.",
        discussion: """
            Damaged extents are dropped, and the peer is told at the next session; nothing else is lost. Exits with \
            the code of 'integrity' if there were any.
            """
    )

    @OptionGroup var blob: BlobPeerOption
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let result = try context.home().verifyBlob(peer: blob.peer)
        result.damaged.forEach { context.output.event(ExtentEvent("damaged", $0)) }
        let count = result.damaged.count
        context.output.event(VerifiedEvent(extents: result.extents, bytes: result.bytes, damaged: count))
        context.output.remark("\(result.extents) extents, \(ByteCount.text(result.bytes)), \(count) damaged")
        guard count > 0 else { return }
        if !context.output.isJSON { ExtentText.lines(result.damaged).forEach(context.output.output.write) }
        throw PacketFSError(.integrity, "\(count) extents were damaged and have been dropped")
    }
}
