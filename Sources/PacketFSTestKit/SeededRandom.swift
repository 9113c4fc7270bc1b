/// A generator whose every draw follows from one 64-bit seed (SplitMix64). Not for keys that protect anything.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number in `range`.
    package mutating func draw(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &self)
    }

    /// True once in `count` times.
    package mutating func oneIn(_ count: Int) -> Bool {
        draw(1...count) == 1
    }

    /// A number in 1...`bound` whose order of magnitude is uniform: small ones come as often as large ones.
    package mutating func magnitude(upTo bound: Int) -> Int {
        let top = draw(0...(Int.bitWidth - bound.leadingZeroBitCount))
        return min(bound, draw(1...max(1, 1 << top)))
    }

    /// Bytes that do not compress.
    package mutating func noise(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count { withUnsafeBytes(of: next()) { bytes.append(contentsOf: $0) } }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Bytes that compress well: few different words, and runs of zeros.
    package mutating func prose(_ count: Int) -> [UInt8] {
        let words = (0..<16).map { _ in noise(draw(3...24)) } + [[UInt8](repeating: 0, count: draw(8...300))]
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 300)
        while bytes.count < count { bytes += words[draw(0...words.count - 1)] }
        bytes.removeLast(bytes.count - count)
        return bytes
    }
}
