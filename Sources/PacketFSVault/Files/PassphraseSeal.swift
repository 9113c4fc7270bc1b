internal import CSodium
internal import Glibc
internal import PacketFSSecrets

/// What libsodium does for a sealed file: Argon2id, and XChaCha20-Poly1305.
enum PassphraseSeal {
    static func key(
        of passphrase: SecretText, salt: [UInt8], cost: SealedFile.Cost
    ) throws(VaultError) -> SecretKey<SealingKey> {
        guard sodium_init() >= 0 else { throw .system(ENOSYS) }
        return try SecretKey { (key: UnsafeMutableRawBufferPointer) throws(VaultError) in
            let isDerived = passphrase.withUnsafeBytes { text in
                guard let key = bytes(key), let text = text.assumingMemoryBound(to: CChar.self).baseAddress else {
                    return false
                }
                return crypto_pwhash(
                    key, UInt64(SecretKey<SealingKey>.byteCount), text, UInt64(passphrase.count), salt,
                    UInt64(cost.passes), Int(cost.kibibytes) << 10, crypto_pwhash_ALG_ARGON2ID13) == 0
            }
            guard isDerived else { throw .system(ENOMEM) }
        }
    }

    static func seal(
        _ secret: UnsafeRawBufferPointer, key: borrowing SecretKey<SealingKey>, nonce: [UInt8], header: [UInt8]
    ) -> [UInt8] {
        var sealed = [UInt8](repeating: 0, count: secret.count + SealedFile.tagSize)
        key.withUnsafeBytes { key in
            guard let key = bytes(key) else { return }
            // Cannot fail: the lengths are far below the algorithm's limit.
            _ = crypto_aead_xchacha20poly1305_ietf_encrypt(
                &sealed, nil, bytes(secret), UInt64(secret.count), header, UInt64(header.count), nil, nonce, key)
        }
        return sealed
    }

    static func open<R: ~Copyable>(
        _ sealed: UnsafeRawBufferPointer, key: borrowing SecretKey<SealingKey>, nonce: [UInt8],
        header: UnsafeRawBufferPointer, _ use: (UnsafeRawBufferPointer) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        try SecretBytes.withTemporary(sealed.count - SealedFile.tagSize) { secret throws(VaultError) in
            let isAuthentic = key.withUnsafeBytes { key in
                guard let key = bytes(key), let sealedBytes = bytes(sealed) else { return false }
                return crypto_aead_xchacha20poly1305_ietf_decrypt(
                    bytes(secret), nil, nil, sealedBytes, UInt64(sealed.count), bytes(header), UInt64(header.count),
                    nonce, key) == 0
            }
            guard isAuthentic else { throw .wrongSecret }
            return try use(UnsafeRawBufferPointer(secret))
        }
    }

    private static func bytes(_ buffer: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
        buffer.assumingMemoryBound(to: UInt8.self).baseAddress
    }

    private static func bytes(_ buffer: UnsafeMutableRawBufferPointer) -> UnsafeMutablePointer<UInt8>? {
        buffer.assumingMemoryBound(to: UInt8.self).baseAddress
    }
}
