internal import CSodium
internal import Synchronization

/// Locked memory for secrets, handed out in slots of one size.
///
/// One guarded allocation costs three pages and tens of microseconds, so slots are cut from slabs of one page, which stay
/// for the life of the process.
final class SecretPool: Sendable {
    static let keys = SecretPool(slotSize: 32)
    /// Such as a handshake makes and forgets by the dozen.
    static let smallBuffers = SecretPool(slotSize: 128)

    private static let slabSize = 4096

    /// A slot's address. Sendable because whoever holds the slot is its only user.
    struct Slot: @unchecked Sendable {
        let base: UnsafeMutableRawPointer
    }

    let slotSize: Int
    private let free = Mutex<[Slot]>([])

    private init(slotSize: Int) {
        self.slotSize = slotSize
    }

    /// A slot of zeros.
    func take() -> Slot {
        free.withLock { free in
            if free.isEmpty { free = slab() }
            return free.removeLast()
        }
    }

    /// Wipes the slot and makes it available again.
    func give(back slot: Slot) {
        sodium_memzero(slot.base, slotSize)
        free.withLock { $0.append(slot) }
    }

    private func slab() -> [Slot] {
        let base = SecretMemory.allocate(Self.slabSize)
        return stride(from: 0, to: Self.slabSize, by: slotSize).map { Slot(base: base + $0) }
    }
}
