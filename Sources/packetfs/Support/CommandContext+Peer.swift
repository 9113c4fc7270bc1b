import PacketFS

extension CommandContext {
    /// The peer of this name. Throws `peer` if there is none.
    func peer(_ name: String, in home: Home) throws -> Peer {
        guard let peer = try home.peers().first(where: { $0.name == name }) else {
            throw PacketFSError(.peer, "there is no peer '\(name)'", hint: "packetfs peer list")
        }
        return peer
    }

    /// The peer that was named, or the only one there is.
    func peerName(_ name: String?, in home: Home) throws -> String {
        if let name { return name }
        let peers = try home.peers()
        guard let peer = peers.first, peers.count == 1 else {
            throw PacketFSError(.usage, "there are \(peers.count) peers", hint: "name one with --peer")
        }
        return peer.name
    }
}
