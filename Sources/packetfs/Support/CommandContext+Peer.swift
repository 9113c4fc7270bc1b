import Foundation
import PacketFS

extension CommandContext {
    /// The peer of this name. Throws `peer` if there is none.
    func peer(_ name: String, in home: Home) throws -> Peer {
        guard let peer = try home.peers().first(where: { $0.name == name }) else {
            throw PacketFSError(.peer, "there is no peer '\(name)'", hint: "packetfs peer list")
        }
        return peer
    }

    /// Warns of folders that are allowed and are not there: nobody makes them.
    func warnOfMissing(_ grants: [Grant]) {
        for grant in grants where !FileManager.default.fileExists(atPath: grant.root) {
            let root = grant.root.printable
            output.error.write(
                "packetfs: warning: \(root) is not there, and is not made for the peer; `mkdir -p '\(root)'`")
        }
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
