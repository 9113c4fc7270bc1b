/// The cipher suite that an initiator proposes (`Specs/handshake.md` §3).
public enum Suite: String, Sendable, CaseIterable {
    /// AES-256-GCM: the faster one where the processor has AES instructions.
    case aes256gcm = "aes-256-gcm"
    /// XChaCha20-Poly1305.
    case xchacha20poly1305 = "xchacha20-poly1305"
}

/// Whether lengths on the wire are rounded (`Specs/frames.md` §7).
public enum PaddingRule: String, Sendable, CaseIterable {
    /// Each direction's total is rounded up by Padmé, to at least 4 KiB.
    case padme
    /// Nothing is added: for people who count bytes.
    case none
}

/// How much work a byte less on the wire is worth to the sender.
public enum Effort: String, Sendable, CaseIterable {
    /// What is quickly found and quickly coded: for links of 100 Mbit/s and more.
    case fast
    /// As `max` where something resembles the blob; new content is compressed as hard as the link leaves time for.
    case auto
    /// Short matches and the strongest coding, wherever something resembles the blob, whatever the link.
    case max
}

/// Options of `send`, `get` and `plan`.
public struct SendOptions: Sendable {
    /// Delete at the destination what the sources do not have.
    public var deletes = false
    /// Glob patterns of names that are left out, and left alone by `deletes`.
    public var excludes: [String] = []
    /// Say what would be done, write nothing.
    public var isDryRun = false
    /// Trust no stat cache on either side; read and compare everything.
    public var checksums = false
    /// Keep set-user-id and set-group-id bits.
    public var keepsSpecialModes = false
    /// Learn the new bytes on both ends.
    public var learns = true
    /// Compress literals.
    public var compresses = true
    /// Look for matches in the blob.
    public var matches = true
    /// How hard the sender works for fewer bytes. A peer that is asked with `get` decides for itself.
    public var effort = Effort.auto
    /// Refuse to send any literal byte.
    public var offsetOnly = false
    /// Report SHA-256 of each file.
    public var digests = false
    /// What protects the payloads besides the session's AEAD.
    public var protection = Protection.aead
    /// Padding on the wire.
    public var padding = PaddingRule.padme
    /// Cipher suite; `nil` takes the peer entry's.
    public var suite: Suite?
    /// Seconds to wait for a connection.
    public var connectTimeout = 30.0

    /// The defaults.
    public init() {}
}

/// What one peer may do here.
public struct Grant: Sendable, Equatable {
    /// What is allowed beneath a root.
    public enum Verb: String, Sendable, CaseIterable {
        /// The peer may write files here.
        case put
        /// The peer may read files here.
        case get
        /// With `put`: files get set-user-id and set-group-id bits where the peer asks for that, and, if this process is
        /// root's, the owners that the peer names. Whoever may write so as root can become root.
        case special
    }

    /// An absolute path.
    public var root: String
    /// What is allowed beneath it.
    public var verbs: Set<Verb>

    /// Makes a grant.
    public init(root: String, verbs: Set<Verb>) {
        self.root = root
        self.verbs = verbs
    }
}

/// A machine that shares a seed with this one.
public struct Peer: Sendable, Equatable {
    /// The name used on this machine.
    public var name: String
    /// Where its `serve` listens, as `host:port`, if known.
    public var address: String?
    /// What it may do here; the first root is the base of relative paths.
    public var grants: [Grant]
    /// The suite that we propose to it.
    public var suite: Suite
    /// Four groups of four letters and digits, equal on both machines that share the current seed; `nil` if it was
    /// revoked.
    public var fingerprint: String?
    /// Where the current seed is (`Specs/seeds.md` §3); `nil` if it was revoked.
    public var vault: String?
    /// Sessions that it may have open here at once.
    public var maxSessions: Int
}

/// A path at a peer: `NAME:PATH`.
public struct PeerPath: Sendable, Equatable {
    /// The peer's name.
    public var peer: String
    /// The path there; empty means its first root.
    public var path: String

    /// Makes a path at a peer.
    public init(peer: String, path: String) {
        self.peer = peer
        self.path = path
    }

    /// Reads `NAME:PATH`; `nil` if there is no colon, or no name before it, or a `/` before it.
    public init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else { return nil }
        let name = text[..<colon]
        guard !name.contains("/") else { return nil }
        self.init(peer: String(name), path: String(text[text.index(after: colon)...]))
    }
}
