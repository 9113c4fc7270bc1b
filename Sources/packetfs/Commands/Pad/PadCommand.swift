import ArgumentParser
import PacketFS

struct PadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pad",
        abstract: "Make and carry pads, and seal messages under them.",
        discussion: """
            A pad is random bytes that two machines hold and that each uses once: every byte of a message is covered by \
            a byte of the pad of its own, which is then destroyed on both ends. One machine makes the pad and splits \
            it; both copies are carried by hand and imported. A pad from a truly random source makes one-time-pad \
            messages; one from the kernel's generator does not.

            Examples:
              packetfs pad create whole.pad --size 1G --source /dev/hwrng
              packetfs pad split whole.pad office.pad harbour.pad
              packetfs pad import office.pad --name harbour
              packetfs pad seal report/ > report.message
              packetfs pad open report.message ./in
            """,
        subcommands: [
            PadCreateCommand.self, PadSplitCommand.self, PadImportCommand.self, PadStatusCommand.self,
            PadSealCommand.self, PadOpenCommand.self, PadKeptCommand.self, PadSkipCommand.self, PadDestroyCommand.self,
        ]
    )
}

extension CommandContext {
    /// The pad that was named, or the only one that is not destroyed.
    func padName(_ name: String?, in home: Home) throws -> String {
        if let name { return name }
        let pads = try home.pads().filter { $0.source != nil || $0.problem != nil }
        guard let pad = pads.first else {
            throw PacketFSError(.usage, "there is no pad", hint: "packetfs pad import FILE")
        }
        guard pads.count == 1 else {
            throw PacketFSError(.usage, "there are \(pads.count) pads", hint: "name one with --pad")
        }
        return pad.name
    }
}
