import ArgumentParser
import PacketFS

struct PeerSetCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change a peer's entry.",
        discussion: """
            --allow adds to what the peer may do, --disallow takes a folder away again. A session that is open keeps \
            the rights that it began with.

            Examples:
              packetfs peer set harbour --address 192.0.2.7:4747
              packetfs peer set harbour --allow get:/srv/releases --disallow /srv/old
            """
    )

    @Argument(help: "The peer.")
    var name: String

    @OptionGroup(title: "Entry") var entry: PeerEntryOptions

    @Option(
        help: ArgumentHelp("Folder beneath which nothing is allowed any more; may be repeated.", valueName: "path"),
        completion: .directory
    )
    var disallow: [String] = []

    @Option(help: ArgumentHelp("Sessions that the peer may have open here at once.", valueName: "count"))
    var maxSessions: Int?

    @OptionGroup(title: "Common options") var common: CommonOptions

    func validate() throws {
        if let maxSessions, !(1...10_000).contains(maxSessions) {
            throw ValidationError("--max-sessions takes 1 to 10000.")
        }
        let isEmpty = entry.address == nil && entry.suite == nil && maxSessions == nil
        if isEmpty, entry.allow.isEmpty, disallow.isEmpty { throw ValidationError("Say what is to be changed.") }
    }

    func run(in context: CommandContext) async throws {
        let home = try context.home()
        let peer = try home.updatePeer(
            name, address: entry.address, grants: changed, suite: entry.suite,
            maxSessions: maxSessions
        )
        context.warnOfMissing(peer.grants)
        context.output.result(PeerEvent(peer), lines: context.output.isQuiet ? [] : PeerText.entry(peer))
    }

    private func changed(_ grants: [Grant]) throws -> [Grant] {
        let gone = try disallow.map(LocalPath.absolute)
        for root in gone where !grants.contains(where: { $0.root == root }) {
            throw PacketFSError(.usage, "nothing is allowed beneath \(root)", hint: "packetfs peer show \(name)")
        }
        return try GrantArgument.adding(entry.allow, to: grants.filter { !gone.contains($0.root) })
    }
}
