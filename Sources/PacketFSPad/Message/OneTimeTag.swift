internal import CSodium
internal import PacketFSSecrets
internal import PacketFSWire

/// Poly1305 with a key that is used once (RFC 8439 §2.5). Its state is as secret as the key.
struct OneTimeTag: ~Copyable {
    private let buffer: SecretBuffer
    private let state: UnsafeMutablePointer<crypto_onetimeauth_poly1305_state>

    /// `key`: 32 bytes that no other message is authenticated with.
    init(key: UnsafeRawBufferPointer) {
        precondition(key.count == Limits.padKey, "a one-time key has 32 bytes")
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

    /// The tag of something short; its traces are for the caller to wipe.
    static func put(
        into tag: UnsafeMutableRawBufferPointer, of bytes: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer
    ) {
        precondition(key.count == Limits.padKey && tag.count == Limits.tag, "keys and tags have one length")
        guard let start = tag.assumingMemoryBound(to: UInt8.self).baseAddress,
            let key = key.assumingMemoryBound(to: UInt8.self).baseAddress
        else { return }
        crypto_onetimeauth_poly1305(
            start, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, UInt64(bytes.count), key)
    }
}

/// XOR, the whole of the cipher.
enum Cover {
    /// Puts `bytes` xor what covers them into `bytes`: of each block all but its front, which is kept for keys. Whoever
    /// knows what was covered knows these bytes of the pad, and must not know a key.
    ///
    /// - Parameters:
    ///   - blocks: whole blocks of a pad.
    ///   - start: bytes of theirs that covered something before.
    static func apply(
        _ blocks: UnsafeRawBufferPointer, from start: Int = 0, to bytes: UnsafeMutableRawBufferPointer
    ) {
        var done = 0
        while done < bytes.count {
            let (block, offset) = (start + done).quotientAndRemainder(dividingBy: Limits.padCover)
            let count = min(Limits.padCover - offset, bytes.count - done)
            let place = block * Limits.padBlock + Limits.padKey + offset
            mix(
                UnsafeRawBufferPointer(rebasing: blocks[place..<place + count]),
                into: UnsafeMutableRawBufferPointer(rebasing: bytes[done..<done + count]))
            done += count
        }
    }

    private typealias Word = SIMD8<UInt64>

    private static func mix(_ pad: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer) {
        precondition(pad.count == bytes.count, "every byte has one of the pad")
        let word = MemoryLayout<Word>.size
        let whole = bytes.count / word * word
        for offset in stride(from: 0, to: whole, by: word) {
            let mixed =
                bytes.loadUnaligned(fromByteOffset: offset, as: Word.self)
                ^ pad.loadUnaligned(fromByteOffset: offset, as: Word.self)
            bytes.storeBytes(of: mixed, toByteOffset: offset, as: Word.self)
        }
        for offset in whole..<bytes.count { bytes[offset] ^= pad[offset] }
    }
}
