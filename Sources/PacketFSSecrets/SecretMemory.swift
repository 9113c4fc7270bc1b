internal import CLinux
internal import CSodium
internal import Glibc
internal import Synchronization

/// Memory for secrets: locked, between guard pages, left out of core dumps, zeros after fork, wiped when it is freed.
package enum SecretMemory {
    private struct State {
        var mayBeSwapped = false
        var isLocked = true
    }

    private static let state = Mutex(State())
    /// Held while many bytes are taken: two that are at it could else take what is left for keys.
    private static let taking = Mutex(())
    /// What many bytes leave of what can be locked, for keys and small buffers: these cannot be done without.
    private static let reserve = 256 << 10

    /// Whether all of it so far could be locked. False when the memlock limit is too low.
    package static var isLocked: Bool { state.withLock { $0.isLocked } }

    /// From now on memory that cannot be locked is used as it is; until then that ends the process.
    package static func allowSwap() {
        state.withLock { $0.mayBeSwapped = true }
    }

    /// Whether `byteCount` more bytes can be locked at this moment.
    package static func canLock(_ byteCount: Int) -> Bool {
        guard sodium_init() >= 0, let base = sodium_malloc(byteCount) else { return false }
        defer { sodium_free(base) }
        return sodium_mlock(base, byteCount) == 0
    }

    /// Zeros, whose end and not their start is at a page's border: a multiple of 16 keeps them aligned.
    static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        // Like any failed allocation in Swift: there is nothing to go on with.
        guard sodium_init() >= 0, let base = sodium_malloc(byteCount) else { fatalError("out of memory for secrets") }
        noteLock(succeeded: sodium_mlock(base, byteCount) == 0)
        // Guard pages stand before and behind, so the pages in between hold nothing else that a child could miss.
        let pages = wholePages(base, byteCount)
        _ = pfs_wipe_on_fork(pages.baseAddress, pages.count)
        sodium_memzero(base, byteCount)
        return base
    }

    /// The same for many bytes, at the wish of a peer perhaps: `nil` if they cannot be locked, and the process goes on.
    static func allocateMany(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        taking.withLock { _ in
            guard state.withLock({ $0.mayBeSwapped }) || canLock(byteCount + reserve) else { return nil }
            return allocate(byteCount)
        }
    }

    /// Wipes it, too.
    static func free(_ base: UnsafeMutableRawPointer?) {
        sodium_free(base)
    }

    private static func noteLock(succeeded: Bool) {
        guard !succeeded else { return }
        let mayBeSwapped = state.withLock { state in
            state.isLocked = false
            return state.mayBeSwapped
        }
        guard mayBeSwapped else { fatalError("memory for secrets cannot be locked; see packetfs doctor") }
    }

    private static let pageSize = UInt(sysconf(Int32(_SC_PAGESIZE)))

    /// The pages that hold the bytes: 4,096 bytes each, or up to 65,536 with an Arm processor.
    static func wholePages(
        _ base: UnsafeMutableRawPointer, _ count: Int, of page: UInt = pageSize
    ) -> UnsafeMutableRawBufferPointer {
        let start = UInt(bitPattern: base) & ~(page - 1)
        let end = (UInt(bitPattern: base) + UInt(count) + page - 1) & ~(page - 1)
        return UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(bitPattern: start), count: Int(end - start))
    }
}
