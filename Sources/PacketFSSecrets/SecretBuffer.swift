internal import CLinux
internal import CSodium

/// Many secret bytes: in locked memory between guard pages, left out of core dumps, zeros after fork, wiped at the end.
///
/// The bytes live as long as the buffer: who works on them holds it meanwhile.
///
/// `@unchecked Sendable`: whoever holds it is its only user.
package final class SecretBuffer: @unchecked Sendable {
    package let bytes: UnsafeMutableRawBufferPointer

    /// Zeros. The end of the bytes, not their start, is at a page's border: a multiple of 16 keeps them aligned.
    package init(byteCount: Int) {
        guard sodium_init() >= 0, let base = sodium_malloc(byteCount) else {
            // Like any failed allocation in Swift: there is nothing to go on with.
            fatalError("out of memory for secrets")
        }
        bytes = UnsafeMutableRawBufferPointer(start: base, count: byteCount)
        // Guard pages stand before and behind, so the pages in between hold nothing else that a child could miss.
        let page = 4096
        let start = UnsafeMutableRawPointer(bitPattern: UInt(bitPattern: base) & ~UInt(page - 1))
        if let start { _ = pfs_wipe_on_fork(start, (base - start + byteCount + page - 1) / page * page) }
        sodium_memzero(base, byteCount)
    }

    deinit {
        sodium_free(bytes.baseAddress)
    }

    package func wipe() {
        SecretBytes.wipe(bytes)
    }

    package func part(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: bytes[range])
    }
}
