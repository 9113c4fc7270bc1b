internal import CSodium
internal import PacketFSSecrets

/// XChaCha20 (draft-irtf-cfrg-xchacha) over the payloads of one direction of one session, under a key that comes from
/// the seed and not from the session's secrets (`Specs/keystream.md` §6).
package final class StreamCipher {
    private enum Key: KeyPurpose {}
    private static let nonceSize = 24

    private let key: SecretKey<Key>
    /// Of the next payload.
    private var number: UInt64 = 0

    init(_ secret: borrowing SecretKey<StreamSecret>, _ context: SessionContext, _ direction: Direction) {
        key = KeyDerivation.expand(
            secret, info: KeyLabel.streamKey.encoded(context.fields + [[direction.rawValue]]))
    }

    /// Covers the next payload, or uncovers it, in place.
    package func apply(to payload: UnsafeMutableRawBufferPointer) {
        var nonce = [UInt8](repeating: 0, count: Self.nonceSize - 8)
        withUnsafeBytes(of: number.bigEndian) { nonce += $0 }
        number += 1
        // The subkey of HChaCha20, the same for every payload.
        defer { SecretBytes.wipeTraces() }
        key.withUnsafeBytes { key in
            guard let bytes = payload.assumingMemoryBound(to: UInt8.self).baseAddress,
                let key = key.assumingMemoryBound(to: UInt8.self).baseAddress
            else { return }
            // Cannot fail: it has no other result.
            _ = crypto_stream_xchacha20_xor(bytes, bytes, UInt64(payload.count), nonce, key)
        }
    }
}

extension PeerCredentials {
    /// The stream ciphers of a session with this peer: for what `role` sends, and for what it receives.
    package func streamCiphers(
        for role: Role, in session: SessionIntegrity
    ) -> (sending: StreamCipher, receiving: StreamCipher) {
        (
            StreamCipher(streamSecret, session.context, .sent(by: role)),
            StreamCipher(streamSecret, session.context, .received(by: role))
        )
    }
}
