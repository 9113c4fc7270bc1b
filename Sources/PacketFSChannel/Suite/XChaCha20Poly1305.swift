internal import CSodium
internal import PacketFSSecrets

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) by libsodium.
enum XChaCha20Poly1305 {
    static func seal(
        _ plaintext: UnsafeRawBufferPointer, key: borrowing SecretKey<some KeyPurpose>, nonce: UnsafeRawBufferPointer,
        authenticating data: UnsafeRawBufferPointer, into output: inout some ByteSink
    ) {
        output.append(plaintext.count + SuiteAEAD.tagSize) { sealed in
            key.withUnsafeBytes { key in
                guard let nonce = bytes(nonce), let key = bytes(key), let sealed = bytes(sealed) else { return }
                // Cannot fail: the lengths are far below the algorithm's limit.
                _ = crypto_aead_xchacha20poly1305_ietf_encrypt(
                    sealed, nil, bytes(plaintext), UInt64(plaintext.count), bytes(data), UInt64(data.count), nil,
                    nonce, key)
            }
        }
    }

    static func open<R>(
        _ sealed: UnsafeRawBufferPointer, key: borrowing SecretKey<some KeyPurpose>, nonce: UnsafeRawBufferPointer,
        authenticating data: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> R
    ) throws(ChannelError) -> R {
        let count = sealed.count - SuiteAEAD.tagSize
        return try withUnsafeTemporaryAllocation(byteCount: count, alignment: 64) { plaintext throws(ChannelError) in
            let isAuthentic = key.withUnsafeBytes { key in
                guard let nonce = bytes(nonce), let key = bytes(key), let sealedBytes = bytes(sealed) else {
                    return false
                }
                return crypto_aead_xchacha20poly1305_ietf_decrypt(
                    bytes(plaintext), nil, nil, sealedBytes, UInt64(sealed.count), bytes(data), UInt64(data.count),
                    nonce, key) == 0
            }
            guard isAuthentic else { throw .notAuthentic }
            return body(UnsafeRawBufferPointer(plaintext))
        }
    }

    private static func bytes(_ buffer: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
        buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    }

    private static func bytes(_ buffer: UnsafeMutableRawBufferPointer) -> UnsafeMutablePointer<UInt8>? {
        buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    }
}
