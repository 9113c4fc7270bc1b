package import PacketFSWire

/// What a peer may do beneath a root.
package enum Verb: UInt8, CaseIterable, Sendable {
    /// Send files to us, written beneath the root.
    case put = 1
    /// Ask us for files beneath the root.
    case get = 2
    /// With `put`: files get the special bits that the sender asks to keep, and the sender's owners.
    case special = 4
}

/// Leave for a peer to use one folder and what is beneath it.
package struct Grant: Equatable, Sendable {
    /// An absolute path.
    package var root: String
    package var verbs: Set<Verb>

    package init(root: String, verbs: Set<Verb>) {
        self.root = root
        self.verbs = verbs
    }
}

/// A party with whom we share a seed. Where its seeds are is in `SeedRecord`.
package struct PeerRecord: Equatable, Sendable {
    /// What people call it here: unique, 1 to 64 letters, digits, `-`, `_`, `.` of ASCII.
    package var name: String
    package var party: PartyID
    /// What we are to it: each seed has two party ids of its own, so that peers cannot tell that they know the same
    /// machine.
    package var own: PartyID
    /// Where it listens, as `host:port`, if it does.
    package var address: String?
    /// The cipher suite to ask for, by its number on the wire.
    package var suite: UInt8
    package var requiresPostQuantum: Bool
    /// In the user's order: a relative destination is beneath the first root.
    package var grants: [Grant]
    /// Seconds since 1970, UTC.
    package var createdAt: Int64
    /// Sessions that it may have at a time.
    package var maxSessions: Int

    package init(
        name: String, party: PartyID, own: PartyID, address: String? = nil, suite: UInt8 = 1,
        requiresPostQuantum: Bool = true, grants: [Grant] = [], createdAt: Int64, maxSessions: Int = 4
    ) {
        self.name = name
        self.party = party
        self.own = own
        self.address = address
        self.suite = suite
        self.requiresPostQuantum = requiresPostQuantum
        self.grants = grants
        self.createdAt = createdAt
        self.maxSessions = maxSessions
    }

    /// Whether `name` can name a peer: it stands before the colon in `PEER:PATH`, and in file names.
    package static func isValid(name: String) -> Bool {
        func isPlain(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard let first = name.utf8.first, isPlain(first), name.utf8.count <= 64 else { return false }
        return name.utf8.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }
}
