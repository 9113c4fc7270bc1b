import ArgumentParser

struct PeerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peer",
        abstract: "Make, import, show, change and remove peers.",
        discussion: """
            A peer is a machine that shares a seed with this one. One machine makes the peer and exports its half to a \
            file; that file is carried to the other machine by a safe way (a USB stick, ssh), imported there, and \
            removed. Compare the fingerprints that both machines print.

            Examples:
              packetfs peer new harbour --export harbour.seed --allow put:/srv/incoming
              packetfs peer import harbour.seed --name office --address office.example:4747
            """,
        subcommands: [
            PeerNewCommand.self, PeerImportCommand.self, PeerListCommand.self, PeerShowCommand.self,
            PeerSetCommand.self, PeerRemoveCommand.self,
        ]
    )
}
