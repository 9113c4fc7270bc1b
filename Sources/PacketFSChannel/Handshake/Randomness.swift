internal import Crypto
internal import PacketFSSecrets

extension [UInt8] {
    /// `count` random bytes that are no secret.
    static func random(_ count: Int, using generator: inout some RandomNumberGenerator) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { SecretBytes.fill($0, using: &generator) }
        return bytes
    }
}

extension KeyAgreement {
    /// A fresh X25519 key.
    static func key(
        using generator: inout some RandomNumberGenerator
    ) throws(ChannelError) -> Curve25519.KeyAgreement.PrivateKey {
        try SecretBytes.withTemporary(32) { bytes throws(ChannelError) in
            SecretBytes.fill(bytes, using: &generator)
            do {
                return try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: UnsafeRawBufferPointer(bytes))
            } catch {
                throw .handshakeFailed
            }
        }
    }
}
