internal import CLinux
internal import CSodium
internal import Synchronization

/// Locked memory for secrets, handed out in slots of 32 bytes.
///
/// One guarded allocation costs three pages and tens of microseconds, so slots are cut from slabs of one page. A slab
/// is locked, left out of core dumps, reads as zeros after fork, and stays for the life of the process.
package enum SecretPool {
    static let slotSize = 32
    private static let slabSize = 4096

    /// A slot's address. Sendable because whoever holds the slot is its only user.
    struct Slot: @unchecked Sendable {
        let base: UnsafeMutableRawPointer
    }

    private struct State: Sendable {
        var free: [Slot] = []
        var isLocked = true
    }

    private static let state = Mutex(State())

    /// Whether every slab so far could be locked into memory. False when the memlock limit is too low.
    package static var isLocked: Bool {
        state.withLock { $0.isLocked }
    }

    /// A slot of zeros.
    static func take() -> Slot {
        state.withLock { state in
            if state.free.isEmpty { addSlab(to: &state) }
            return state.free.removeLast()
        }
    }

    /// Wipes the slot and makes it available again.
    static func give(back slot: Slot) {
        sodium_memzero(slot.base, slotSize)
        state.withLock { $0.free.append(slot) }
    }

    private static func addSlab(to state: inout State) {
        guard sodium_init() >= 0, let slab = sodium_malloc(slabSize) else {
            // Like any failed allocation in Swift: there is nothing to go on with.
            fatalError("out of memory for secrets")
        }
        if sodium_mlock(slab, slabSize) != 0 { state.isLocked = false }
        _ = pfs_wipe_on_fork(slab, slabSize)
        sodium_memzero(slab, slabSize)
        for offset in stride(from: 0, to: slabSize, by: slotSize) {
            state.free.append(Slot(base: slab + offset))
        }
    }
}
