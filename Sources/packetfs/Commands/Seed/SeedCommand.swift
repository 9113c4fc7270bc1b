import ArgumentParser
import PacketFS

struct SeedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed",
        abstract: "Show, move, rotate, revoke, back up and restore seeds.",
        discussion: """
            A seed is kept in a vault: a file (sealed with a passphrase, or under its mode 0600 alone), the kernel's \
            keyring, a PKCS#11 token, or a credential that systemd passes. Passphrases and PINs are asked for on the \
            terminal, or read from --secret-fd.

            Examples:
              packetfs seed list
              packetfs seed move harbour --vault 'pkcs11:token=ship;object=harbour?module-path=/usr/lib/softhsm/libsofthsm2.so'
              packetfs seed rotate harbour --export harbour.seed
              packetfs seed revoke harbour --yes
              packetfs seed backup harbour harbour.backup
            """,
        subcommands: [
            SeedListCommand.self, SeedMoveCommand.self, SeedRotateCommand.self, SeedRevokeCommand.self,
            SeedBackupCommand.self, SeedRestoreCommand.self,
        ]
    )
}

extension CommandContext {
    /// Shows the seeds of a peer as they are now.
    func show(seedsOf name: String, in home: Home) throws {
        let seeds = try home.seeds(of: name)
        seeds.forEach { output.event(SeedEvent($0)) }
        SeedText.lines(seeds).forEach(output.remark)
        try warnOfAbandoned(in: home)
    }

    /// Destroys what was left in vaults, and says where that is still to be done.
    func warnOfAbandoned(in home: Home, asking: Bool = false) throws {
        for vault in try home.destroyAbandonedSeeds(asking: asking) {
            output.event(AbandonedEvent(vault: vault))
            output.warn(SeedText.abandoned(vault))
        }
    }
}
