package import PacketFSSecrets
package import PacketFSWire

/// How the two ends of a seed agree on a session's secret. Part of the peer's entry; never negotiated.
package enum KeyExchange: UInt8, CaseIterable, Sendable {
    /// X25519 and ML-KEM-768.
    case hybrid = 1
    /// X25519 alone, only where the peer's entry says so.
    case classical = 2
}

/// What a handshake needs of one seed: keys derived once per unlock, and who the two parties are.
///
/// It describes itself without its keys.
package final class PeerCredentials: Sendable {
    package let own: PartyID
    package let peer: PartyID
    package let exchange: KeyExchange
    let psk: SecretKey<PresharedKey>
    /// Tags message 1 when we open the connection.
    let ownIdentity: SecretKey<IdentityKey>
    /// Tags message 1 when the peer does.
    let peerIdentity: SecretKey<IdentityKey>
    let streamSecret: SecretKey<StreamSecret>

    /// Derives the keys of `seed`.
    ///
    /// - Returns: `nil` if both parties are the same: an endpoint holds no conversation with itself.
    package init?<S: SeedPRF>(
        own: PartyID, peer: PartyID, exchange: KeyExchange = .hybrid, seed: S
    ) throws(S.Failure) {
        guard own != peer else { return nil }
        self.own = own
        self.peer = peer
        self.exchange = exchange
        let parties = [min(own, peer).bytes, max(own, peer).bytes]
        psk = try seed.prf(.presharedKey, fields: parties)
        ownIdentity = try seed.prf(.identityKey, fields: [own.bytes, peer.bytes])
        peerIdentity = try seed.prf(.identityKey, fields: [peer.bytes, own.bytes])
        streamSecret = try seed.prf(.streamSecret, fields: parties)
    }
}

extension PeerCredentials: CustomStringConvertible, CustomReflectable {
    package var description: String { "PeerCredentials" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
