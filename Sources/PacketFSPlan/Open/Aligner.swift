internal import PacketFSWire

/// Finds what two contents have in common: equal stretches of at least two blocks, wherever they stand.
struct Aligner {
    private static let block = 16
    private static let least = 32

    private let base: UnsafeRawBufferPointer
    /// Of each hash, one more than the number of a block of the base that has it; 0: none.
    private var blocks: [UInt32]
    private let shift: UInt64

    init(_ base: UnsafeRawBufferPointer) {
        self.base = base
        let count = base.count / Self.block
        let bits = max(8, Int.bitWidth - (2 * count).leadingZeroBitCount)
        blocks = [UInt32](repeating: 0, count: 1 << bits)
        shift = UInt64(64 - bits)
        guard let start = base.baseAddress else { return }
        for number in 0..<count {
            blocks[hash(start + number * Self.block)] = UInt32(truncatingIfNeeded: number + 1)
        }
    }

    /// Equal stretches, ascending by their places in `content`.
    func copies(_ content: UnsafeRawBufferPointer) -> ContiguousArray<Copy> {
        var copies: ContiguousArray<Copy> = []
        var (place, end, diagonal) = (0, 0, 0)
        while place + Self.least <= content.count {
            let candidates = (place + diagonal, blockPlace(content, place))
            guard
                let copy = copy(content, place, candidates.0, from: end)
                    ?? copy(content, place, candidates.1, from: end)
            else {
                place += 1
                continue
            }
            copies.append(copy)
            diagonal = Int(copy.address) - copy.start
            (place, end) = (copy.end, copy.end)
        }
        return copies
    }

    private func blockPlace(_ content: UnsafeRawBufferPointer, _ place: Int) -> Int {
        guard let start = content.baseAddress else { return -1 }
        return Int(blocks[hash(start + place)] &- 1) * Self.block
    }

    /// The equal stretch around two places, `from` where the last one ended.
    @inline(__always)
    private func copy(_ content: UnsafeRawBufferPointer, _ place: Int, _ other: Int, from end: Int) -> Copy? {
        guard other >= 0, other + Self.block <= base.count, let new = content.baseAddress, let old = base.baseAddress,
            ByteCompare.word(new + place) == ByteCompare.word(old + other)
        else { return nil }
        let ahead = ByteCompare.forward(new + place, old + other, limit: min(content.count - place, base.count - other))
        let back = ByteCompare.backward(new + place, old + other, limit: min(place - end, other))
        guard ahead + back >= Self.least else { return nil }
        return Copy(start: place - back, length: ahead + back, address: UInt64(other - back))
    }

    @inline(__always)
    private func hash(_ place: UnsafeRawPointer) -> Int {
        let mixed =
            (ByteCompare.word(place) ^ ByteCompare.word(place + 8) &* 0xc2b2_ae3d_27d4_eb4f) &* 0x9e37_79b9_7f4a_7c15
        return Int(mixed >> shift)
    }
}
