/// A passphrase or a PIN: a few bytes in locked memory, wiped at the end, that no string ever held.
package final class SecretText: Sendable {
    /// Bytes that one may have.
    package static let bound = 1024

    private let buffer: SecretBuffer
    package let count: Int

    /// `fill` writes into a buffer of `bound` zeros and says how many bytes it wrote.
    package init<E: Error>(filling fill: (UnsafeMutableRawBufferPointer) throws(E) -> Int) throws(E) {
        buffer = SecretBuffer(byteCount: Self.bound)
        count = min(try fill(buffer.bytes), Self.bound)
    }

    package var isEmpty: Bool { count == 0 }

    package func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        let result = try body(UnsafeRawBufferPointer(buffer.part(0..<count)))
        withExtendedLifetime(buffer) {}
        return result
    }
}

extension SecretText: CustomStringConvertible, CustomReflectable {
    package var description: String { "SecretText" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
