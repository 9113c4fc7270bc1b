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

    /// The nonce of a counter: 32 zero bits, then the counter, big-endian for AES-GCM, little-endian for ChaChaPoly.
    func nonce(_ counter: UInt64) -> [UInt8] {
        let encoded = self == .aesGCM ? counter.bigEndian : counter.littleEndian
        return [0, 0, 0, 0] + withUnsafeBytes(of: encoded) { Array($0) }
    }

    /// Ciphertext ‖ tag. `nonce` has 12 bytes.
    func seal(
        _ plaintext: [UInt8], key: borrowing SecretKey<some KeyPurpose>, nonce: [UInt8], authenticating data: [UInt8]
    ) throws(ChannelError) -> [UInt8] {
        let key = key.withUnsafeBytes { SymmetricKey(data: $0) }
        do {
            switch self {
            case .aesGCM:
                let box = try AES.GCM.seal(plaintext, using: key, nonce: .init(data: nonce), authenticating: data)
                return Array(box.ciphertext) + Array(box.tag)
            case .chaChaPoly:
                let box = try ChaChaPoly.seal(plaintext, using: key, nonce: .init(data: nonce), authenticating: data)
                return Array(box.ciphertext) + Array(box.tag)
            }
        } catch {
            throw .handshakeFailed
        }
    }

    /// The plaintext of ciphertext ‖ tag. Throws `handshakeFailed` if it does not verify.
    func open(
        _ sealed: [UInt8], key: borrowing SecretKey<some KeyPurpose>, nonce: [UInt8], authenticating data: [UInt8]
    ) throws(ChannelError) -> [UInt8] {
        let key = key.withUnsafeBytes { SymmetricKey(data: $0) }
        let combined = nonce + sealed
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
