package import PacketFSWire

/// One seed that we share with a peer. There are more than one only while a rotation is under way.
package struct SeedRecord: Equatable, Sendable {
    package var party: PartyID
    package var name: SeedName
    /// Where the seed is, as the vault understands it.
    package var vaultURI: String
    /// What people compare; `nil` where it was not computed yet.
    package var fingerprint: String?
    /// Whether the peer may have learned from us that we hold it: it may have given up every older one.
    package var isOffered: Bool

    package init(
        party: PartyID, name: SeedName, vaultURI: String, fingerprint: String? = nil, isOffered: Bool = false
    ) {
        self.party = party
        self.name = name
        self.vaultURI = vaultURI
        self.fingerprint = fingerprint
        self.isOffered = isOffered
    }
}
