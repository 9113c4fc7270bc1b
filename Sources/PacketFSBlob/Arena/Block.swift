import Glibc

/// Memory of a fixed size that is used over and over. Its bytes are zero at first.
package final class Block {
    private static let hugePage = 2 << 20

    package let all: UnsafeMutableRawBufferPointer
    /// Bytes from the start that may be in huge pages.
    private var joined = 0

    /// Pages of its own: they cost nothing until they are touched, whereas an allocator clears what it gives out again.
    package init(byteCount: Int) {
        let memory = mmap(nil, max(byteCount, 1), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED else { preconditionFailure("out of memory") }
        all = UnsafeMutableRawBufferPointer(start: memory, count: byteCount)
    }

    deinit {
        munmap(all.baseAddress, max(all.count, 1))
    }

    /// The first bytes, all of which are to be used.
    package func prefix(_ count: Int) -> UnsafeMutableRawBufferPointer {
        join(count)
        return UnsafeMutableRawBufferPointer(rebasing: all[..<count])
    }

    /// Asks for huge pages where half of one will be touched: each is one fault instead of 512.
    private func join(_ count: Int) {
        let wanted = min((count + Self.hugePage / 2) / Self.hugePage, all.count / Self.hugePage) * Self.hugePage
        guard wanted > joined else { return }
        _ = madvise(all.baseAddress, wanted, MADV_HUGEPAGE)
        joined = wanted
    }
}
