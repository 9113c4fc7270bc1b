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

    /// Runs `body` with `count` bytes of zeros that are wiped afterwards.
    package static func withTemporary<R: ~Copyable, E: Error>(
        _ count: Int, _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try withUnsafeTemporaryAllocation(byteCount: count, alignment: 16) { buffer throws(E) in
            buffer.initializeMemory(as: UInt8.self, repeating: 0)
            defer { wipe(buffer) }
            return try body(buffer)
        }
    }

    /// Fills the buffer from `generator`.
    package static func fill(_ buffer: UnsafeMutableRawBufferPointer, using generator: inout some RandomNumberGenerator)
    {
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
