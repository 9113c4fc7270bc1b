import ArgumentParser
import PacketFS

/// Parts of a peer's entry that several commands set.
struct PeerEntryOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where the peer's 'serve' listens.", valueName: "host:port"))
    var address: String?

    @Option(
        help: ArgumentHelp(
            "What the peer may do beneath a folder: put (write), get (read), with put special (choose owners and "
                + "set-user-id bits, too: as root, that is all of the machine); may be repeated. Its relative paths lie "
                + "beneath the first.",
            valueName: "verb:path"
        ),
        completion: .directory
    )
    var allow: [GrantArgument] = []

    @Option(help: "Cipher suite that is proposed to the peer.")
    var suite: Suite?
}
