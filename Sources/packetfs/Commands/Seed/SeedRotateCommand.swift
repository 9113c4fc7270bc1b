import ArgumentParser
import PacketFS

struct SeedRotateCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Replace the seed that we share with a peer.",
        discussion: """
            One machine draws the new seed and exports it to a file; the file is carried to the other machine by a safe \
            way and imported there. Until the first transfer under the new seed, both go on with either; then both \
            destroy the old one. If the old seed may have leaked, revoke it first. Backups of the old seed are of no use \
            afterwards: make a new one.

            Examples:
              packetfs seed rotate harbour --export harbour.seed     # here
              packetfs seed rotate office --import harbour.seed      # on harbour
              packetfs send report.pdf harbour:                      # settles it
              packetfs seed rotate harbour --cancel
            """
    )

    @Argument(help: "The peer.")
    var name: String

    @Option(help: ArgumentHelp("Draw a seed, and write it to this new file.", valueName: "file"), completion: .file())
    var export: String?

    @Option(
        name: .customLong("import"),
        help: ArgumentHelp("Take in the file that the peer's machine wrote.", valueName: "file"), completion: .file())
    var file: String?

    @Flag(help: "Give up a rotation that the peer has not taken part in.")
    var cancel = false

    @Flag(help: "Leave the imported file where it is.")
    var keepFile = false

    @OptionGroup(title: "Vault") var vault: VaultFlags
    @OptionGroup(title: "Common options") var common: CommonOptions

    func validate() throws {
        guard [export != nil, file != nil, cancel].count(where: \.self) == 1 else {
            throw ValidationError("Give one of --export, --import and --cancel.")
        }
        if keepFile, file == nil { throw ValidationError("--keep-file goes with --import.") }
    }

    func run(in context: CommandContext) async throws {
        let home = try context.home()
        var leftover: PacketFSError?
        if let export {
            try home.rotateSeed(of: name, exportingTo: export, keeping: vault.keeping)
            context.output.remark("exported to \(export.printable): carry it by a safe way, import it there once")
        } else if let file {
            try home.importRotation(
                of: name, from: file, keeping: vault.keeping, keepsFile: keepFile, leaving: { leftover = $0 })
        } else {
            try home.cancelRotation(of: name)
        }
        try context.show(seedsOf: name, in: home)
        if let leftover { throw leftover }
    }
}
