/// The payload of message 2: the responder's salt, the suite of the session, and the ML-KEM ciphertext.
struct HandshakeAnswer {
    /// Random; makes the handshake hash, which salts the master secret, depend on the responder's generator too.
    let salt: [UInt8]
    let suite: CipherSuite
    let ciphertext: [UInt8]

    init(salt: [UInt8], suite: CipherSuite, ciphertext: [UInt8]) {
        self.salt = salt
        self.suite = suite
        self.ciphertext = ciphertext
    }

    /// `nil` unless it is an answer in form.
    init?(_ payload: [UInt8]) {
        guard payload.count > HandshakeLimits.salt else { return nil }
        guard let suite = CipherSuite(rawValue: payload[HandshakeLimits.salt]) else { return nil }
        self.init(
            salt: Array(payload[..<HandshakeLimits.salt]), suite: suite,
            ciphertext: Array(payload[(HandshakeLimits.salt + 1)...]))
    }

    var encoded: [UInt8] {
        salt + [suite.rawValue] + ciphertext
    }
}
