internal import Crypto
internal import PacketFSSecrets

/// `Noise_NNpsk0_25519_{AESGCM,ChaChaPoly}_SHA256`, Noise revision 34 §5.3:
///
///     -> psk, e
///     <- e, ee
struct HandshakeState: ~Copyable {
    private enum Token {
        case psk, e, ee
    }

    private static let pattern: [[Token]] = [[.psk, .e], [.e, .ee]]
    private static let publicKeySize = 32
    /// Noise §3: no message is longer.
    private static let maxMessage = 65_535

    private let role: Role
    private let psk: SecretKey<PresharedKey>
    private var ephemeral: Curve25519.KeyAgreement.PrivateKey?
    private var symmetric: SymmetricState
    private var remote: [UInt8] = []
    private var step = 0

    /// Initialize().
    init(role: Role, cipher: NoiseCipher, prologue: [UInt8], psk: borrowing SecretKey<PresharedKey>) {
        self.role = role
        self.psk = psk.copy()
        symmetric = SymmetricState(protocolName: "Noise_NNpsk0_25519_\(cipher.name)_SHA256", cipher: cipher)
        symmetric.mixHash(prologue)
    }

    /// WriteMessage(payload). `ephemeral` is what GENERATE_KEYPAIR() gives: fresh, and used for this handshake alone.
    mutating func write(
        _ payload: [UInt8], ephemeral: Curve25519.KeyAgreement.PrivateKey
    ) throws(ChannelError) -> [UInt8] {
        self.ephemeral = ephemeral
        var message: [UInt8] = []
        for token in try nextTokens(whenSending: true) {
            switch token {
            case .psk: symmetric.mixKeyAndHash(psk)
            case .e:
                let key = ephemeral.publicKey.rawRepresentation
                message += key
                mixEphemeral(Array(key))
            case .ee: try mixAgreement()
            }
        }
        message += try symmetric.encryptAndHash(payload)
        guard message.count <= Self.maxMessage else { throw .malformedHandshake }
        return message
    }

    /// ReadMessage(message). After a failure the handshake must not be used again.
    mutating func read(_ message: [UInt8]) throws(ChannelError) -> [UInt8] {
        guard message.count <= Self.maxMessage else { throw .malformedHandshake }
        var rest = message[...]
        for token in try nextTokens(whenSending: false) {
            switch token {
            case .psk: symmetric.mixKeyAndHash(psk)
            case .e:
                guard rest.count >= Self.publicKeySize else { throw .malformedHandshake }
                remote = Array(rest.prefix(Self.publicKeySize))
                rest = rest.dropFirst(Self.publicKeySize)
                mixEphemeral(remote)
            case .ee: try mixAgreement()
            }
        }
        guard rest.count >= 16 else { throw .malformedHandshake }
        return try symmetric.decryptAndHash(Array(rest))
    }

    /// Split(), once both messages have passed.
    consuming func split() throws(ChannelError) -> NoiseSplit {
        guard step == Self.pattern.count else { throw .handshakeFailed }
        return symmetric.split()
    }

    private mutating func nextTokens(whenSending isSending: Bool) throws(ChannelError) -> [Token] {
        let isInitiatorsTurn = step % 2 == 0
        guard step < Self.pattern.count, isInitiatorsTurn == ((role == .initiator) == isSending) else {
            throw .handshakeFailed
        }
        defer { step += 1 }
        return Self.pattern[step]
    }

    /// In a psk handshake the token `e` is followed by MixKey(e.public_key) (Noise §9.2).
    private mutating func mixEphemeral(_ key: [UInt8]) {
        symmetric.mixHash(key)
        key.withUnsafeBytes { symmetric.mixKey($0) }
    }

    private mutating func mixAgreement() throws(ChannelError) {
        guard let ephemeral else { throw .handshakeFailed }
        let shared = try KeyAgreement.shared(ephemeral, with: remote)
        shared.withUnsafeBytes { symmetric.mixKey($0) }
    }
}

/// X25519 (RFC 7748), refusing shared secrets of zeros.
enum KeyAgreement {
    static func shared(
        _ key: Curve25519.KeyAgreement.PrivateKey, with remote: [UInt8]
    ) throws(ChannelError) -> SharedSecret {
        let shared: SharedSecret
        do {
            shared = try key.sharedSecretFromKeyAgreement(with: .init(rawRepresentation: remote))
        } catch {
            throw .handshakeFailed
        }
        // A public key of low order takes our key out of the result (RFC 7748 §6.1).
        let isZero = shared.withUnsafeBytes { $0.reduce(0, |) == 0 }
        guard !isZero else { throw .handshakeFailed }
        return shared
    }
}
