internal import Crypto
internal import PacketFSSecrets

/// What answering a handshake leaves: whom we talk to, what to send, and the session's secrets.
///
/// The initiator is known to hold the seed *now* only once a frame of its opens: message 1 may be a recording.
package struct HandshakeResponse: ~Copyable, Sendable {
    package let peer: PeerCredentials
    /// To be sent, without its length prefix.
    package let message2: [UInt8]
    private let secrets: SessionSecrets

    fileprivate init(peer: PeerCredentials, message2: [UInt8], secrets: consuming SessionSecrets) {
        self.peer = peer
        self.message2 = message2
        self.secrets = secrets
    }

    package consuming func takeSecrets() -> SessionSecrets {
        secrets
    }
}

/// The side that was called. Keeps nothing between messages.
package enum HandshakeResponder {
    /// Answers message 1 of one of `candidates`.
    ///
    /// The initiator's suite is taken if allowed, else the first of `allowedSuites`. Whatever this throws, the
    /// connection is to be closed without a word.
    package static func respond(
        to message1: [UInt8], among candidates: [PeerCredentials], allowedSuites: [CipherSuite] = CipherSuite.allCases,
        random: inout some RandomNumberGenerator
    ) throws(ChannelError) -> HandshakeResponse {
        guard message1.count == HandshakeLimits.message1 || message1.count == HandshakeLimits.shortMessage1 else {
            throw .malformedHandshake
        }
        let header = try HandshakeHeader(parsing: message1.prefix(HandshakeLimits.header))
        let peer = try find(header, among: candidates)
        guard let suite = allowedSuites.contains(header.suite) ? header.suite : allowedSuites.first else {
            throw .suiteRefused
        }
        var noise = HandshakeState(
            role: .responder, cipher: header.suite.noiseCipher, prologue: header.prologue, psk: peer.psk)
        let publicKey = try noise.read(Array(message1.dropFirst(HandshakeLimits.header)))
        let encapsulation = try Encapsulation(to: publicKey, exchange: peer.exchange)
        let ephemeral = try KeyAgreement.key(using: &random)
        let answer = HandshakeAnswer(
            salt: .random(HandshakeLimits.salt, using: &random), suite: suite, ciphertext: encapsulation.ciphertext)
        let message2 = try noise.write(answer.encoded, ephemeral: ephemeral)
        let secrets = SessionSecrets(
            role: .responder, suite: suite, noise: try noise.split(), encapsulated: encapsulation.secret)
        return HandshakeResponse(peer: peer, message2: message2, secrets: secrets)
    }

    /// Looks at every candidate, so that the time does not tell which one it was.
    private static func find(
        _ header: HandshakeHeader, among candidates: [PeerCredentials]
    ) throws(ChannelError) -> PeerCredentials {
        var found: PeerCredentials?
        var isReflection = false
        for candidate in candidates {
            if header.isTagged(under: candidate.peerIdentity) { found = candidate }
            if header.isTagged(under: candidate.ownIdentity) { isReflection = true }
        }
        guard !isReflection else { throw .ownReflection }
        guard let found else { throw .unknownPeer }
        return found
    }
}
