import ArgumentParser
import PacketFS

struct PadCreateCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Fill a new pad.",
        discussion: """
            The source is a device such as /dev/hwrng, a file that somebody filled, or 'system', the kernel's generator. \
            It is recorded, and decides what may be claimed: bytes of the kernel's generator are computed, so they make \
            no one-time pad. Devices and files must pass the health tests of SP 800-90B 4.4. A file is not destroyed: \
            do that, for it is as secret as the pad, and another pad of it would use its bytes twice. No home is needed: the machine may be off any network.

            Examples:
              packetfs pad create whole.pad --size 1G --source /dev/hwrng
              packetfs pad create whole.pad --size 64M --source dice.bin
            """
    )

    @Argument(help: "New file for the pad.", completion: .file())
    var file: String

    @Option(help: ArgumentHelp("Bytes for both directions together, such as 1G.", valueName: "size"))
    var size: ByteCountArgument

    @Option(help: ArgumentHelp("A device, a file, or 'system'.", valueName: "source"), completion: .file())
    var source: String

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        try context.requireLockedMemory()
        let source = try PadMaking.create(file, size: size.bytes, source: source)
        context.output.event(PadMadeEvent(file: file, source: source))
        context.output.remark("made \(file.printable) from \(source.name.printable); \(source.claim)")
        if source.kind == .file {
            context.output.remark("destroy \(source.name.printable): another pad of its bytes would use them twice")
        }
    }
}
