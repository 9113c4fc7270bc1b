internal import CMixing

/// Slots by the hash of what precedes a bit. Two contexts may share slots; that costs bytes, nothing else.
struct SlotTable {
    /// A line holds the 15 bits that half a byte may take, and is one of the processor's.
    private static let line = 16
    private static let alignment = 64

    private(set) var lines: packetfs_slot_lines
    private let memory: UnsafeMutableRawPointer
    private let slots: UnsafeMutableBufferPointer<UInt32>

    /// 2^`logLines` lines, which are anything before the first `reset`. The owner must call `free`.
    init(logLines: Int) {
        let count = Self.line << logLines
        // Aligned here: what the allocator aligns so far, it takes from the system each time.
        memory = .allocate(byteCount: count * MemoryLayout<UInt32>.stride + Self.alignment, alignment: 16)
        let first = memory.alignedUp(toMultipleOf: Self.alignment).bindMemory(to: UInt32.self, capacity: count)
        slots = UnsafeMutableBufferPointer(start: first, count: count)
        lines = packetfs_slot_lines(slots: slots.baseAddress, shift: UInt32(32 - logLines))
    }

    func free() {
        memory.deallocate()
    }

    func reset() {
        slots.initialize(repeating: 0)
    }

    /// The same with fewer lines: to clear many would take longer than what little is coded by them.
    mutating func reset(logLines: Int) {
        lines.shift = UInt32(32 - logLines)
        UnsafeMutableBufferPointer(rebasing: slots[..<(Self.line << logLines)]).initialize(repeating: 0)
    }

    /// One slot of a context that predicts a single bit.
    @inline(__always)
    func slot(_ context: UInt32) -> UnsafeMutablePointer<UInt32>? {
        let hash = context &* 0x9e37_79b1
        return lines.slots.map { $0 + Int(hash >> lines.shift) * Self.line + Int(hash & 15) }
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
