import ArgumentParser
import PacketFS

struct SeedBackupCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write a peer's seed to a file that a passphrase seals.",
        discussion: """
            The file has all that 'seed restore' needs to be this machine towards that peer again. It is of no use once \
            the seed was rotated or revoked. A seed in a token cannot be backed up: do it before it goes there.

            Examples:
              packetfs seed backup harbour /media/safe/harbour.backup
            """
    )

    @Argument(help: "The peer.")
    var name: String

    @Argument(help: "The new file.", completion: .file())
    var file: String

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let home = try context.home()
        try home.backUpSeed(of: name, to: file)
        context.output.event(BackupEvent(peer: name, file: file))
        context.output.remark("backed up to \(file.printable): without its passphrase nobody can restore it")
        try context.warnOfAbandoned(in: home)
    }
}
