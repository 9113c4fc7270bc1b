internal import Crypto
internal import PacketFSSecrets

/// The AEADs of Noise revision 34 §12 that PacketFS uses, with their nonce encodings.
package enum NoiseCipher: Sendable, CaseIterable {
    case aesGCM
    case chaChaPoly

    /// As it stands in a protocol name.
    var name: String {
        switch self {
        case .aesGCM: "AESGCM"
        case .chaChaPoly: "ChaChaPoly"
        }
    }

    /// 32 zero bits, then the counter: big-endian for AES-GCM, little-endian for ChaChaPoly.
    private func nonce(_ counter: UInt64) -> [UInt8] {
        let encoded = self == .aesGCM ? counter.bigEndian : counter.littleEndian
        return [0, 0, 0, 0] + withUnsafeBytes(of: encoded) { Array($0) }
    }

    /// ENCRYPT(k, n, ad, plaintext).
    func seal(
        _ plaintext: [UInt8], key: borrowing SecretKey<some KeyPurpose>, counter: UInt64, authenticating data: [UInt8]
    ) throws(ChannelError) -> [UInt8] {
        let key = key.withUnsafeBytes { SymmetricKey(data: $0) }
        do {
            switch self {
            case .aesGCM:
                let nonce = try AES.GCM.Nonce(data: nonce(counter))
                let box = try AES.GCM.seal(plaintext, using: key, nonce: nonce, authenticating: data)
                return Array(box.ciphertext) + Array(box.tag)
            case .chaChaPoly:
                let nonce = try ChaChaPoly.Nonce(data: nonce(counter))
                let box = try ChaChaPoly.seal(plaintext, using: key, nonce: nonce, authenticating: data)
                return Array(box.ciphertext) + Array(box.tag)
            }
        } catch {
            throw .handshakeFailed
        }
    }

    /// DECRYPT(k, n, ad, ciphertext). Throws `handshakeFailed` if it does not verify.
    func open(
        _ sealed: [UInt8], key: borrowing SecretKey<some KeyPurpose>, counter: UInt64, authenticating data: [UInt8]
    ) throws(ChannelError) -> [UInt8] {
        let key = key.withUnsafeBytes { SymmetricKey(data: $0) }
        let combined = nonce(counter) + sealed
        do {
            switch self {
            case .aesGCM:
                return Array(try AES.GCM.open(.init(combined: combined), using: key, authenticating: data))
            case .chaChaPoly:
                return Array(try ChaChaPoly.open(.init(combined: combined), using: key, authenticating: data))
            }
        } catch {
            throw .handshakeFailed
        }
    }
}
