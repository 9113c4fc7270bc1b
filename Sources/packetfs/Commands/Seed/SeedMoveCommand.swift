import ArgumentParser
import PacketFS

struct SeedMoveCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Move a peer's seed to another vault.",
        discussion: """
            The seed is put into the new vault, checked there, and destroyed in the old one. A token does not give a \
            seed away, and the kernel forgets one at the next start of the machine: make a backup before.

            Examples:
              packetfs seed move harbour --vault file: --passphrase
              packetfs seed move harbour --vault keyring:user --timeout 28800 --yes
              packetfs seed move harbour --vault 'pkcs11:token=ship;object=harbour?module-name=softhsm2' --yes
              packetfs seed move harbour --vault credential:packetfs.harbour --credential-file harbour.cred --yes
            """
    )

    @Argument(help: "The peer.")
    var name: String

    @Flag(
        name: .shortAndLong, help: "Do not ask before the seed goes where no backup can be made of it, or may be lost.")
    var yes = false

    @OptionGroup(title: "Vault") var vault: VaultFlags
    @OptionGroup(title: "Common options") var common: CommonOptions

    func validate() throws {
        if vault.uri == nil { throw ValidationError("Say where the seed goes, with --vault.") }
    }

    func run(in context: CommandContext) async throws {
        let home = try context.home()
        guard yes || vault.uri?.hasPrefix("file:") == true || confirmed() else {
            throw PacketFSError(.usage, "the seed was not moved", hint: "answer 'yes', or give --yes")
        }
        try home.moveSeed(of: name, to: vault.keeping)
        try context.show(seedsOf: name, in: home)
    }

    private func confirmed() -> Bool {
        Console.input.confirms("No backup can be made of a seed that is there, or it may be lost. Move it?")
    }
}
