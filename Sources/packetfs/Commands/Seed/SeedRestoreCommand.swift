import ArgumentParser
import PacketFS

struct SeedRestoreCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Take a seed back out of a backup.",
        discussion: """
            Where the peer has an entry whose seed is lost (a keyring that was emptied, a file that is gone, a passphrase \
            that nobody knows), the seed goes to a new place. Where there is no entry, one is made, which allows \
            nothing until --allow says so. Never use one seed on two machines at once.

            Examples:
              packetfs seed restore /media/safe/harbour.backup
              packetfs seed restore harbour.backup --name harbour --allow put:/srv/incoming
            """
    )

    @Argument(help: "The backup.", completion: .file())
    var file: String

    @Option(help: "What this machine calls the peer; else the name in the backup.")
    var name: String?

    @Option(help: ArgumentHelp("What the peer may do beneath a folder, if it is new here.", valueName: "verb:path"))
    var allow: [GrantArgument] = []

    @OptionGroup(title: "Vault") var vault: VaultFlags
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let home = try context.home()
        let peer = try home.restoreSeed(
            from: file, as: name, grants: GrantArgument.adding(allow), keeping: vault.keeping)
        context.warnOfMissing(peer.grants)
        context.output.result(PeerEvent(peer), lines: PeerText.fingerprint(peer))
        try context.warnOfAbandoned(in: home)
    }
}
