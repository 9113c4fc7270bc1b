internal import CSodium

extension SecretKey {
    /// `HMAC-SHA256(key, part ‖ part ‖ …)` (RFC 2104).
    package borrowing func hmac<P: KeyPurpose>(
        of parts: UnsafeRawBufferPointer..., as _: P.Type = P.self
    ) -> SecretKey<P> {
        withUnsafeBytes { key in SecretHMAC.code(of: parts, key: key) }
    }

    /// `HMAC-SHA256(key, bytes)`.
    package borrowing func hmac<P: KeyPurpose>(of bytes: [UInt8], as _: P.Type = P.self) -> SecretKey<P> {
        bytes.span.bytes.withUnsafeBytes { bytes in hmac(of: bytes) }
    }
}

/// HMAC-SHA256 (RFC 2104) by libsodium, which wipes what it makes of a key; swift-crypto leaves copies of an HMAC's key in
/// freed memory, where a core dump would find them.
package enum SecretHMAC {
    package static func code<P: KeyPurpose>(
        of parts: [UnsafeRawBufferPointer], key: UnsafeRawBufferPointer, as _: P.Type = P.self
    ) -> SecretKey<P> {
        var state = crypto_auth_hmacsha256_state()
        defer {
            sodium_memzero(&state, MemoryLayout.size(ofValue: state))
            SecretBytes.wipeTraces()
        }
        // An empty key is still a key, and needs an address.
        withUnsafeBytes(of: UInt8(0)) { none in
            guard let address = bytes(key.isEmpty ? none : key) else { return }
            crypto_auth_hmacsha256_init(&state, address, key.count)
        }
        for part in parts { crypto_auth_hmacsha256_update(&state, bytes(part), UInt64(part.count)) }
        return SecretKey { output in
            guard let address = output.baseAddress else { return }
            crypto_auth_hmacsha256_final(&state, address.assumingMemoryBound(to: UInt8.self))
        }
    }

    private static func bytes(_ buffer: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
        buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    }
}
