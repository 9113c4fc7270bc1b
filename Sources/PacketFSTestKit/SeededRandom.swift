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
    package mutating func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count + 8) { buffer, filled in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            for offset in stride(from: 0, to: count, by: 8) {
                raw.storeBytes(of: next(), toByteOffset: offset, as: UInt64.self)
            }
            filled = count
        }
    }

    /// Words of a small vocabulary, as text has them.
    package mutating func text(_ count: Int) -> [UInt8] {
        let words = (0..<min(count, 400)).map { _ in (0..<draw(2...9)).map { _ in UInt8(draw(97...122)) } }
        var text: [UInt8] = []
        text.reserveCapacity(count + 10)
        while text.count < count {
            text += words[draw(0...words.count - 1)]
            text.append(draw(0...11) == 0 ? 10 : 32)
        }
        text.removeLast(text.count - count)
        return text
    }

    /// Bytes that compress well: few different words, and runs of zeros.
    package mutating func prose(_ count: Int) -> [UInt8] {
        let words = (0..<16).map { _ in bytes(draw(3...24)) } + [[UInt8](repeating: 0, count: draw(8...300))]
        var prose: [UInt8] = []
        prose.reserveCapacity(count + 300)
        while prose.count < count { prose += words[draw(0...words.count - 1)] }
        prose.removeLast(prose.count - count)
        return prose
    }
}
