import ArgumentParser

struct BlobCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "blob",
        abstract: "Look after the bytes that both ends hold.",
        discussion: """
            Every transfer learns; nothing here is needed for that. 'add' provisions bytes ahead of a transfer, \
            'verify' reads everything and drops what is damaged, 'trim' and 'forget' give space back.

            Examples:
              packetfs blob add corpus/ --peer harbour
              packetfs blob verify
              packetfs blob trim --to 20G
              packetfs blob forget photos
            """,
        subcommands: [
            BlobAddCommand.self, BlobListCommand.self, BlobVerifyCommand.self, BlobTrimCommand.self,
            BlobForgetCommand.self,
        ]
    )
}

/// Which peer's part of the blob is meant.
struct BlobPeerOption: ParsableArguments {
    @Option(help: ArgumentHelp("The peer whose part of the blob is meant; else all.", valueName: "name"))
    var peer: String?
}
