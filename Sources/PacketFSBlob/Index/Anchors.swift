/// Content-defined anchors: places that depend on nothing but the `window` bytes before them, so that equal bytes have
/// equal anchors wherever they stand. About one byte in `spacing` ends one.
package enum Anchors {
    /// Bytes that decide whether there is an anchor at their end.
    package static let window = 32
    /// Mean distance of anchors on random bytes.
    package static let spacing = 256

    /// Calls `body` for each anchor in ascending order: `end` is the offset after its window, so that
    /// `bytes[end - window..<end]` has this `hash`. The first `window - 1` bytes end none. Of a run of anchors with the
    /// same hash (a repeated byte) only the first is reported.
    package static func scan(_ bytes: UnsafeRawBufferPointer, _ body: (_ end: Int, _ hash: UInt64) -> Void) {
        guard bytes.count >= window else { return }
        gear.withUnsafeBufferPointer { gear in
            var hash: UInt64 = 0
            for offset in 0..<window - 1 {
                hash = (hash << 2) &+ gear[Int(bytes[offset])]
            }
            var latest = UInt64.max
            for offset in window - 1..<bytes.count {
                hash = (hash << 2) &+ gear[Int(bytes[offset])]
                if hash < threshold, hash != latest {
                    latest = hash
                    body(offset + 1, hash)
                }
            }
        }
    }

    /// The hash's high bits depend on the whole window; its low ones only on the last bytes.
    private static let threshold = UInt64.max / UInt64(spacing)

    /// One random number for each byte value (SplitMix64 from a fixed seed).
    private static let gear: [UInt64] = {
        var state: UInt64 = 0x7061_636b_6574_6673
        return (0..<256).map { _ in
            state &+= 0x9e37_79b9_7f4a_7c15
            return mixed(state)
        }
    }()

    /// The SplitMix64 finaliser: a bijection that spreads every bit over all.
    static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
