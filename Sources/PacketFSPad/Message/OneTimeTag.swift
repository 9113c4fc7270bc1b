internal import CSodium
internal import PacketFSSecrets
internal import PacketFSWire

/// Poly1305 with a key that is used once (RFC 8439 §2.5). Its state is as secret as the key.
struct OneTimeTag: ~Copyable {
    private let buffer: SecretBuffer
    private let state: UnsafeMutablePointer<crypto_onetimeauth_poly1305_state>

    /// `key`: 32 bytes that no other message is authenticated with.
    init(key: UnsafeRawBufferPointer) {
        precondition(key.count == MessageHead.key, "a one-time key has 32 bytes")
        buffer = SecretBuffer(byteCount: MemoryLayout<crypto_onetimeauth_poly1305_state>.stride)
        guard let base = buffer.bytes.baseAddress else { preconditionFailure("a state has bytes") }
        state = base.bindMemory(to: crypto_onetimeauth_poly1305_state.self, capacity: 1)
        guard let start = key.assumingMemoryBound(to: UInt8.self).baseAddress else { return }
        crypto_onetimeauth_poly1305_init(state, start)
    }

    func update(_ bytes: UnsafeRawBufferPointer) {
        crypto_onetimeauth_poly1305_update(
            state, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, UInt64(bytes.count))
    }

    consuming func finish() -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: Limits.tag)
        crypto_onetimeauth_poly1305_final(state, &tag)
        withExtendedLifetime(buffer) {}
        return tag
    }
}

/// XOR, the whole of the cipher.
enum Cover {
    /// Puts `bytes` xor `pad` into `bytes`.
    static func apply(_ pad: UnsafeRawBufferPointer, to bytes: UnsafeMutableRawBufferPointer) {
        precondition(pad.count == bytes.count, "every byte has one of the pad")
        let words = bytes.count / 8
        for word in 0..<words {
            let offset = word * 8
            let mixed =
                bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                ^ pad.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            bytes.storeBytes(of: mixed, toByteOffset: offset, as: UInt64.self)
        }
        for offset in words * 8..<bytes.count { bytes[offset] ^= pad[offset] }
    }
}
