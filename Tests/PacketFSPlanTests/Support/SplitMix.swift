/// A seeded generator: the same seed gives the same bytes for ever.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count + 8) { buffer, filled in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            for offset in stride(from: 0, to: count, by: 8) {
                raw.storeBytes(of: next(), toByteOffset: offset, as: UInt64.self)
            }
            filled = count
        }
    }

    /// Words of a small vocabulary, as text has them.
    mutating func text(_ count: Int) -> [UInt8] {
        let words = (0..<400).map { _ in
            (0..<Int.random(in: 2...9, using: &self)).map { _ in UInt8.random(in: 97...122, using: &self) }
        }
        var text: [UInt8] = []
        while text.count < count {
            text += words.randomElement(using: &self) ?? []
            text.append(Int.random(in: 0..<12, using: &self) == 0 ? 10 : 32)
        }
        return Array(text.prefix(count))
    }
}
