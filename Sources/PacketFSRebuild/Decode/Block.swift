import Glibc

/// Memory of a fixed size that is used over and over. Its bytes are zero at first.
final class Block {
    let all: UnsafeMutableRawBufferPointer

    /// Pages of its own: they cost nothing until they are touched, whereas an allocator clears what it gives out again.
    init(byteCount: Int) {
        let memory = mmap(nil, max(byteCount, 1), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED else { preconditionFailure("out of memory") }
        all = UnsafeMutableRawBufferPointer(start: memory, count: byteCount)
    }

    deinit {
        munmap(all.baseAddress, max(all.count, 1))
    }

    func prefix(_ count: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: all[..<count])
    }
}

extension UnsafeMutableRawBufferPointer {
    func part(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: self[range])
    }

    func fill(_ byte: UInt8) {
        initializeMemory(as: UInt8.self, repeating: byte)
    }
}

extension UnsafeRawBufferPointer {
    func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }

    func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let base = baseAddress, let otherBase = other.baseAddress else { return true }
        return memcmp(base, otherBase, count) == 0
    }

    var isZero: Bool {
        guard let base = baseAddress, let first, first == 0 else { return isEmpty }
        return memcmp(base, base + 1, count - 1) == 0
    }
}

extension Array where Element: BitwiseCopyable {
    func withRawBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try withUnsafeBufferPointer { buffer throws(E) in try body(UnsafeRawBufferPointer(buffer)) }
    }

    mutating func withMutableRawBytes<R, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try withUnsafeMutableBufferPointer { buffer throws(E) in try body(UnsafeMutableRawBufferPointer(buffer)) }
    }
}
