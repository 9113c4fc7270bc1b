/// What protects the payloads of a session (`docs/SECURITY.md`, C1 and C8).
public enum Protection: Sendable, Equatable {
    /// The session's AEAD.
    case aead
    /// XOR with bytes of this pad, each used once, and then the AEAD.
    case keystream(pad: String)
    /// XOR with XChaCha20 under a key from the seed, and then the AEAD. A stream cipher: not a pad.
    case streamCipher
}

/// What protected a transfer, as its summary says.
public enum ProtectionKind: String, Sendable {
    /// The session's AEAD alone.
    case aead
    /// Single-use bytes of a pad, and the AEAD.
    case keystream
    /// A stream cipher, XChaCha20 keyed from the seed, and the AEAD.
    case streamCipher = "stream-cipher"
    /// A message under a one-time pad; the session carried it.
    case otp
}

/// What a session took of a pad, at this end. Counts are bytes of the half that this end sends with.
public struct PadUse: Sendable, Equatable {
    /// The pad's name on this machine.
    public var name: String
    /// Where its bytes come from.
    public var source: PadSourceInfo
    /// Used by this session, in whole blocks of 4,096.
    public var used: UInt64
    /// Set aside by this session beyond that, and destroyed unused.
    public var burnt: UInt64 = 0
    /// Left afterwards.
    public var left: UInt64
}
