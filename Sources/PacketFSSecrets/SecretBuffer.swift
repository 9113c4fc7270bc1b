internal import CSodium

/// Many secret bytes, in `SecretMemory`.
///
/// The bytes live as long as the buffer: who works on them holds it meanwhile. It describes itself without them.
///
/// `@unchecked Sendable`: whoever holds it is its only user.
package final class SecretBuffer: @unchecked Sendable {
    package let bytes: UnsafeMutableRawBufferPointer
    /// Where the bytes are few.
    private let slot: SecretPool.Slot?

    /// Zeros; aligned if `byteCount` is a multiple of 16.
    package init(byteCount: Int) {
        slot = byteCount <= SecretPool.smallBuffers.slotSize ? SecretPool.smallBuffers.take() : nil
        bytes = UnsafeMutableRawBufferPointer(start: slot?.base ?? SecretMemory.allocate(byteCount), count: byteCount)
    }

    /// The same for many bytes; `nil` if they cannot be locked, where few bytes end the process.
    package init?(ofMany byteCount: Int) {
        guard let base = SecretMemory.allocateMany(byteCount) else { return nil }
        slot = nil
        bytes = UnsafeMutableRawBufferPointer(start: base, count: byteCount)
    }

    deinit {
        if let slot {
            SecretPool.smallBuffers.give(back: slot)
        } else {
            SecretMemory.free(bytes.baseAddress)
        }
    }

    package func wipe() {
        SecretBytes.wipe(bytes)
    }

    package func part(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: bytes[range])
    }
}

extension SecretBuffer: CustomStringConvertible, CustomReflectable {
    package var description: String { "SecretBuffer" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
