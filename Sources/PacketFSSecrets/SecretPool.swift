internal import CSodium
internal import Synchronization

/// Locked memory for secrets, handed out in slots of 32 bytes.
///
/// One guarded allocation costs three pages and tens of microseconds, so slots are cut from slabs of one page, which stay
/// for the life of the process.
enum SecretPool {
    static let slotSize = 32
    private static let slabSize = 4096

    /// A slot's address. Sendable because whoever holds the slot is its only user.
    struct Slot: @unchecked Sendable {
        let base: UnsafeMutableRawPointer
    }

    private static let free = Mutex<[Slot]>([])

    /// A slot of zeros.
    static func take() -> Slot {
        free.withLock { free in
            if free.isEmpty { free = slab() }
            return free.removeLast()
        }
    }

    /// Wipes the slot and makes it available again.
    static func give(back slot: Slot) {
        sodium_memzero(slot.base, slotSize)
        free.withLock { $0.append(slot) }
    }

    private static func slab() -> [Slot] {
        let base = SecretMemory.allocate(slabSize)
        return stride(from: 0, to: slabSize, by: slotSize).map { Slot(base: base + $0) }
    }
}
