import ArgumentParser
import PacketFS

struct PeerNewCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Draw a seed for a new peer and export its half to a file.",
        discussion: """
            The file is made with mode 0600 and is as good as the seed: whoever reads it can be this peer. Carry it by \
            a safe way, import it once, and destroy every copy. The peer may do nothing here until --allow says so. \
            What is allowed must be there: it is never made for the peer.

            This machine's half goes into a vault (--vault). On a terminal a passphrase is asked for to seal it with; \
            without one, its file's mode 0600 alone protects it.

            Examples:
              packetfs peer new harbour --export harbour.seed --reached-at office.example:4747
              packetfs peer new harbour --export harbour.seed --allow put:/srv/incoming --allow get:/srv/releases
            """
    )

    @Argument(help: "What this machine calls the peer.")
    var name: String

    @Option(help: ArgumentHelp("New file for the peer's half.", valueName: "file"), completion: .file())
    var export: String

    @Option(help: ArgumentHelp("Where the peer reaches this machine's 'serve'.", valueName: "host:port"))
    var reachedAt: String?

    @OptionGroup(title: "Entry") var entry: PeerEntryOptions
    @OptionGroup(title: "Vault") var vault: VaultFlags
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let peer = try context.home().newPeer(
            name, exportingTo: export, reachedAt: reachedAt, address: entry.address,
            grants: GrantArgument.adding(entry.allow), suite: entry.suite ?? context.settings.suite ?? .aes256gcm,
            keeping: vault.keeping
        )
        context.warnOfMissing(peer.grants)
        let lines = ["exported to \(export.printable): carry it by a safe way, import it there once"]
        context.output.result(PeerEvent(peer), lines: PeerText.fingerprint(peer) + lines)
    }
}
