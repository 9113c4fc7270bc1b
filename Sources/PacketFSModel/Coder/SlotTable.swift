/// Slots by the hash of what precedes a bit. Two contexts may share slots; that costs bytes, nothing else.
struct SlotTable {
    /// A line holds the 15 bits that half a byte may take.
    private static let line = 16

    private let slots: UnsafeMutablePointer<UInt32>
    private let lines: Int
    private let shift: UInt32

    /// 2^`logLines` lines. The owner must call `free`.
    init(logLines: Int) {
        lines = 1 << logLines
        shift = UInt32(32 - logLines)
        slots = .allocate(capacity: lines * Self.line)
        slots.initialize(repeating: 0, count: lines * Self.line)
    }

    func free() {
        slots.deallocate()
    }

    func reset() {
        slots.update(repeating: 0, count: lines * Self.line)
    }

    /// The line of a context.
    @inline(__always)
    func line(_ context: UInt32) -> UnsafeMutablePointer<UInt32> {
        slots + Int((context &* 0x9e37_79b1) >> shift) * Self.line
    }

    /// One slot of a context that predicts a single bit.
    @inline(__always)
    func slot(_ context: UInt32) -> UnsafeMutablePointer<UInt32> {
        let hash = context &* 0x9e37_79b1
        return slots + Int(hash >> shift) * Self.line + Int(hash & 15)
    }
}

/// Mixes values into one context; `seed` tells the contexts of a byte apart.
@inline(__always)
func context(_ seed: UInt32, _ first: UInt32, _ second: UInt32 = 0, _ third: UInt32 = 0) -> UInt32 {
    var hash = (seed &+ 1) &* 0x9e37_79b1 ^ first
    hash = (hash ^ hash >> 15) &* 0x85eb_ca6b ^ second
    hash = (hash ^ hash >> 13) &* 0xc2b2_ae35 ^ third
    hash = (hash ^ hash >> 16) &* 0x27d4_eb2f
    return hash ^ hash >> 15
}
