internal import PacketFSSecrets

/// Sizes of the handshake (`Specs/handshake.md` §1).
package enum HandshakeLimits {
    static let salt = 32
    static let identityTag = 32
    static let header = 2 + salt + identityTag
    static let publicKey = 32
    static let tag = 16
    static let encapsulationKey = 1184
    static let ciphertext = 1088
    /// Message 1 and 2 with ML-KEM-768: the longest that a reader takes.
    package static let message1 = header + publicKey + encapsulationKey + tag
    package static let message2 = publicKey + salt + 1 + ciphertext + tag
    /// Message 1 without.
    static let shortMessage1 = message1 - encapsulationKey
}

/// The part of message 1 that travels in the clear: version, suite, salt, and the tag that finds the seed.
struct HandshakeHeader {
    let suite: CipherSuite
    let salt: [UInt8]
    let tag: [UInt8]

    init(suite: CipherSuite, salt: [UInt8], identity: borrowing SecretKey<IdentityKey>) {
        self.suite = suite
        self.salt = salt
        tag = Self.tag(of: salt, under: identity)
    }

    /// Reads the first bytes of message 1, whose length was checked.
    init(parsing message: ArraySlice<UInt8>) throws(ChannelError) {
        let bytes = Array(message)
        guard bytes.count == HandshakeLimits.header, bytes[0] == protocolVersion else { throw .malformedHandshake }
        guard let suite = CipherSuite(rawValue: bytes[1]) else { throw .malformedHandshake }
        self.suite = suite
        salt = Array(bytes[2..<2 + HandshakeLimits.salt])
        tag = Array(bytes[(2 + HandshakeLimits.salt)...])
    }

    var encoded: [UInt8] {
        [protocolVersion, suite.rawValue] + salt + tag
    }

    /// The Noise prologue: a label, and every byte of the clear part.
    var prologue: [UInt8] {
        KeyLabel.prologue.encoded([encoded])
    }

    func isTagged(under identity: borrowing SecretKey<IdentityKey>) -> Bool {
        SecretBytes.areEqual(tag, Self.tag(of: salt, under: identity))
    }

    private static func tag(of salt: [UInt8], under identity: borrowing SecretKey<IdentityKey>) -> [UInt8] {
        let code: SecretKey<IdentityKey> = identity.hmac(of: salt)
        return code.withUnsafeBytes { Array($0) }
    }
}
