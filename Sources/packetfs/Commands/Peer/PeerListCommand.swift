import ArgumentParser
import PacketFS

struct PeerListCommand: PacketCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the peers.")

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run(in context: CommandContext) async throws {
        let peers = try context.home().peers()
        peers.forEach { context.output.event(PeerEvent($0)) }
        guard !context.output.isJSON else { return }
        var table = Table(["peer", "address", "fingerprint", "vault"])
        for peer in peers {
            table.add([peer.name, peer.address ?? "-", peer.fingerprint ?? "revoked", peer.vault ?? "-"])
        }
        table.lines.forEach(context.output.output.write)
    }
}
