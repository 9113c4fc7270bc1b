internal import PacketFSSecrets

/// The AEAD of a suite over caller's buffers. Nonces have `suite.nonceSize` bytes. Round keys that a cipher leaves on the
/// stack and in vector registers are wiped.
enum SuiteAEAD {
    static let tagSize = 16

    /// Appends ciphertext ‖ tag to `output`.
    static func seal(
        _ plaintext: UnsafeRawBufferPointer, suite: CipherSuite, key: borrowing SecretKey<some KeyPurpose>,
        nonce: UnsafeRawBufferPointer, authenticating data: UnsafeRawBufferPointer, into output: inout some ByteSink
    ) throws(ChannelError) {
        precondition(nonce.count == suite.nonceSize, "a nonce has the size of its suite")
        defer { SecretBytes.wipeTraces() }
        switch suite {
        case .aes256gcm:
            try AES256GCM.seal(plaintext, key: key, nonce: nonce, authenticating: data, into: &output)
        case .xchacha20poly1305:
            XChaCha20Poly1305.seal(plaintext, key: key, nonce: nonce, authenticating: data, into: &output)
        }
    }

    /// Runs `body` with the plaintext of `sealed`, which is ciphertext ‖ tag. Throws `notAuthentic`.
    static func open<R>(
        _ sealed: UnsafeRawBufferPointer, suite: CipherSuite, key: borrowing SecretKey<some KeyPurpose>,
        nonce: UnsafeRawBufferPointer, authenticating data: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) -> R
    ) throws(ChannelError) -> R {
        precondition(nonce.count == suite.nonceSize, "a nonce has the size of its suite")
        guard sealed.count >= tagSize else { throw .notAuthentic }
        defer { SecretBytes.wipeTraces() }
        switch suite {
        case .aes256gcm:
            return try AES256GCM.open(sealed, key: key, nonce: nonce, authenticating: data, body)
        case .xchacha20poly1305:
            return try XChaCha20Poly1305.open(sealed, key: key, nonce: nonce, authenticating: data, body)
        }
    }
}
