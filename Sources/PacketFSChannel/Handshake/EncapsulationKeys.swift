internal import Crypto
internal import PacketFSSecrets

/// The initiator's ML-KEM-768 key pair of one handshake, or its absence where the peer's entry says so.
enum EncapsulationKeys {
    case absent
    case mlkem(MLKEM768.PrivateKey, publicKey: [UInt8])

    init(for exchange: KeyExchange, random: inout some RandomNumberGenerator) throws(ChannelError) {
        guard exchange == .hybrid else {
            self = .absent
            return
        }
        let key = try SecretBytes.withTemporary(64) { seed throws(ChannelError) in
            SecretBytes.fill(seed, using: &random)
            do {
                return try MLKEM768.PrivateKey(seedRepresentation: UnsafeRawBufferPointer(seed), publicKey: nil)
            } catch {
                throw .handshakeFailed
            }
        }
        self = .mlkem(key, publicKey: Array(key.publicKey.rawRepresentation))
    }

    /// What travels in message 1.
    var publicKey: [UInt8] {
        switch self {
        case .absent: []
        case .mlkem(_, let publicKey): publicKey
        }
    }

    /// The shared secret, `nil` without ML-KEM. An invalid ciphertext of the right size gives another secret.
    func decapsulate(_ ciphertext: [UInt8]) throws(ChannelError) -> SymmetricKey? {
        switch self {
        case .absent:
            guard ciphertext.isEmpty else { throw .handshakeFailed }
            return nil
        case .mlkem(let key, _):
            do {
                return try key.decapsulate(ciphertext)
            } catch {
                throw .handshakeFailed
            }
        }
    }
}

/// The responder's answer to an encapsulation key.
struct Encapsulation {
    let ciphertext: [UInt8]
    let secret: SymmetricKey?

    /// Throws `handshakeFailed` if the key is missing, unexpected, or no ML-KEM-768 key.
    init(to publicKey: [UInt8], exchange: KeyExchange) throws(ChannelError) {
        switch exchange {
        case .classical:
            guard publicKey.isEmpty else { throw .handshakeFailed }
            ciphertext = []
            secret = nil
        case .hybrid:
            do {
                let result = try MLKEM768.PublicKey(rawRepresentation: publicKey).encapsulate()
                ciphertext = Array(result.encapsulated)
                secret = result.sharedSecret
            } catch {
                throw .handshakeFailed
            }
        }
    }
}
