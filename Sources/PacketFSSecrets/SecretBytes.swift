internal import CLinux
internal import CSodium

/// Small tools for bytes that are secret, or are compared with secrets.
package enum SecretBytes {
    /// Compares without telling by its time where the bytes differ. Lengths are no secret.
    package static func areEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let a = left.baseAddress, let b = right.baseAddress else { return true }
        return sodium_memcmp(a, b, left.count) == 0
    }

    package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.withUnsafeBytes { left in right.withUnsafeBytes { areEqual(left, $0) } }
    }

    /// Makes every byte zero, in a way that no optimiser removes.
    package static func wipe(_ bytes: UnsafeMutableRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        sodium_memzero(base, bytes.count)
    }

    /// Makes zeros of what calls that have returned left in vector registers and on this thread's stack, some kilobytes
    /// deep: copying and hashing leave what they worked on there.
    package static func wipeTraces() {
        pfs_clear_vectors()
        sodium_stackzero(16_384)
    }

    /// Runs `body` with `count` bytes of zeros in `SecretMemory`, which are wiped afterwards. More than a few keys' length
    /// costs some ten microseconds: for files, not for frames.
    package static func withTemporary<R: ~Copyable, E: Error>(
        _ count: Int, _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        let buffer = SecretBuffer(byteCount: (count + 15) / 16 * 16)
        return try withExtendedLifetime(buffer) { () throws(E) -> R in try body(buffer.part(0..<count)) }
    }

    /// Fills the buffer from `generator`, and leaves nothing of it elsewhere.
    package static func fill(_ buffer: UnsafeMutableRawBufferPointer, using generator: inout some RandomNumberGenerator)
    {
        draw(buffer, &generator)
        wipeTraces()
    }

    /// A call of its own, so that its words lie on a stack that can be wiped after it.
    @inline(never)
    private static func draw(_ buffer: UnsafeMutableRawBufferPointer, _ generator: inout some RandomNumberGenerator) {
        var offset = 0
        while offset < buffer.count {
            withUnsafeBytes(of: generator.next() as UInt64) { word in
                let count = min(word.count, buffer.count - offset)
                UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<offset + count])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: word[..<count]))
                offset += count
            }
        }
    }
}
