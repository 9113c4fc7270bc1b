internal import Crypto
internal import PacketFSSecrets

/// The side that opened the connection, between its message and the answer.
package struct HandshakeInitiator: ~Copyable, Sendable {
    /// To be sent first, without its length prefix.
    package let message1: [UInt8]
    private let accepting: [CipherSuite]
    private let encapsulation: EncapsulationKeys
    private var noise: HandshakeState

    /// Draws fresh keys and writes message 1.
    ///
    /// - Parameters:
    ///   - suite: what this side proposes; it also chooses the Noise cipher.
    ///   - accepting: what the responder may choose instead; only `suite` if `nil`.
    ///   - random: fit for secrets, such as `SystemRandomNumberGenerator`.
    package init(
        credentials: PeerCredentials, suite: CipherSuite, accepting: [CipherSuite]? = nil,
        random: inout some RandomNumberGenerator
    ) throws(ChannelError) {
        try self.init(
            credentials: credentials, suite: suite, accepting: accepting ?? [suite],
            salt: .random(HandshakeLimits.salt, using: &random),
            encapsulation: EncapsulationKeys(for: credentials.exchange, random: &random),
            ephemeral: KeyAgreement.key(using: &random))
    }

    /// Writes message 1 from keys that were drawn before, and are used for nothing else.
    init(
        credentials: PeerCredentials, suite: CipherSuite, accepting: [CipherSuite], salt: [UInt8],
        encapsulation: EncapsulationKeys, ephemeral: Curve25519.KeyAgreement.PrivateKey
    ) throws(ChannelError) {
        let header = HandshakeHeader(suite: suite, salt: salt, identity: credentials.ownIdentity)
        var noise = HandshakeState(
            role: .initiator, cipher: suite.noiseCipher, prologue: header.prologue, psk: credentials.psk)
        message1 = header.encoded + (try noise.write(encapsulation.publicKey, ephemeral: ephemeral))
        self.accepting = accepting
        self.encapsulation = encapsulation
        self.noise = noise
    }

    /// Reads the answer. Whatever it throws, the connection is to be closed without a word.
    package consuming func finish(_ message2: [UInt8]) throws(ChannelError) -> SessionSecrets {
        let answer = HandshakeAnswer(try noise.read(message2))
        guard let answer else { throw .handshakeFailed }
        guard accepting.contains(answer.suite) else { throw .suiteRefused }
        let shared = try encapsulation.decapsulate(answer.ciphertext)
        return SessionSecrets(role: .initiator, suite: answer.suite, noise: try noise.split(), encapsulated: shared)
    }
}
