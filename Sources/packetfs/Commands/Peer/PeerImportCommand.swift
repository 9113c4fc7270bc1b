import ArgumentParser
import PacketFS

struct PeerImportCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in the file that 'peer new' wrote on the other machine.",
        discussion: """
            The file is removed after the import, unless --keep-file is given. A file that others can read is refused. \
            If it was interrupted, the same command finishes it. Compare the fingerprint with the one that the other \
            machine printed.

            Examples:
              packetfs peer import harbour.seed --name office
              packetfs peer import harbour.seed --name office --address office.example:4747 --allow put:/srv/in
            """
    )

    @Argument(help: "The file.", completion: .file())
    var file: String

    @Option(help: "What this machine calls the peer; else the name in the file.")
    var name: String?

    @Flag(help: "Leave the file where it is.")
    var keepFile = false

    @OptionGroup(title: "Entry") var entry: PeerEntryOptions
    @OptionGroup(title: "Vault") var vault: VaultFlags
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let home = try context.home()
        var leftover: PacketFSError?
        var peer = try home.importPeer(
            from: file, as: name, address: entry.address, grants: GrantArgument.adding(entry.allow),
            keepsFile: keepFile, keeping: vault.keeping, leaving: { leftover = $0 }
        )
        if let suite = entry.suite ?? context.settings.suite, suite != peer.suite {
            peer = try home.updatePeer(peer.name, suite: suite)
        }
        context.warnOfMissing(peer.grants)
        context.output.result(PeerEvent(peer), lines: PeerText.fingerprint(peer))
        if let leftover { throw leftover }
    }
}
