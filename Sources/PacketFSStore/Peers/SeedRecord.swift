package import PacketFSWire

/// One seed that we share with a peer. There are more than one only while a rotation is under way.
package struct SeedRecord: Equatable, Sendable {
    package var party: PartyID
    package var name: SeedName
    /// Where the seed is, as the vault understands it.
    package var vaultURI: String
    /// What that place lay in when the seed was put there; `nil` where that is unknown.
    package var holder: String?
    /// What people compare; `nil` where it was not computed yet.
    package var fingerprint: String?
    /// Whether the peer may have learned from us that we hold it: it may have given up every older one.
    package var isOffered: Bool

    package init(
        party: PartyID, name: SeedName, vaultURI: String, holder: String? = nil, fingerprint: String? = nil,
        isOffered: Bool = false
    ) {
        self.party = party
        self.name = name
        self.vaultURI = vaultURI
        self.holder = holder
        self.fingerprint = fingerprint
        self.isOffered = isOffered
    }
}

/// A place whose seed is to be destroyed.
package struct AbandonedPlace: Equatable, Sendable {
    package var vaultURI: String
    /// What it lay in when the seed was put there; `nil` where that is unknown.
    package var holder: String?
    /// What tells that seed from another; `nil` where that is unknown.
    package var seed: SeedMark?

    package init(vaultURI: String, holder: String? = nil, seed: SeedMark? = nil) {
        self.vaultURI = vaultURI
        self.holder = holder
        self.seed = seed
    }
}

/// A seed's fingerprint, and the two parties that it is of.
package struct SeedMark: Equatable, Sendable {
    package var party: PartyID
    package var own: PartyID
    package var fingerprint: String

    package init(party: PartyID, own: PartyID, fingerprint: String) {
        self.party = party
        self.own = own
        self.fingerprint = fingerprint
    }
}
