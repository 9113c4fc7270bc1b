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
        guard bytes.count >= window, let base = bytes.baseAddress else { return }
        let input = base.assumingMemoryBound(to: UInt8.self)
        gear.withUnsafeBufferPointer { table in
            guard let gear = table.baseAddress else { return }
            withUnsafeTemporaryAllocation(of: Anchor.self, capacity: lane) { found in
                var scanner = Scanner(input: input, gear: gear, found: found)
                scanner.scan(bytes.count, body)
            }
        }
    }

    /// Bytes of one lane.
    private static let lane = 2048

    /// Two lanes abreast, for one alone waits for its own last hash at every byte. The second lane is one ahead of the
    /// first: it starts cold, a window early, and its anchors wait until those of the first are told.
    private struct Scanner {
        let input: UnsafePointer<UInt8>
        let gear: UnsafePointer<UInt64>
        let found: UnsafeMutableBufferPointer<Anchor>
        var hash: UInt64 = 0
        var latest = UInt64.max

        mutating func scan(_ count: Int, _ body: (Int, UInt64) -> Void) {
            hash = warm(before: window - 1)
            var offset = window - 1
            while count - offset >= 2 * lane {
                scanPair(from: offset, body)
                offset += 2 * lane
            }
            while offset < count {
                hash = (hash << 2) &+ gear[Int(input[offset])]
                offset += 1
                if hash < threshold { tell(offset, hash, body) }
            }
        }

        private mutating func scanPair(from start: Int, _ body: (Int, UInt64) -> Void) {
            var first = hash
            var second = warm(before: start + lane)
            var count = 0
            for offset in start..<start + lane {
                first = (first << 2) &+ gear[Int(input[offset])]
                second = (second << 2) &+ gear[Int(input[offset + lane])]
                if first < threshold { tell(offset + 1, first, body) }
                if second < threshold {
                    found[count] = Anchor(hash: second, address: UInt64(offset + lane + 1))
                    count += 1
                }
            }
            hash = second
            for anchor in found[..<count] { tell(Int(anchor.address), anchor.hash, body) }
        }

        /// The hash of all but the last byte of the window that ends after `offset`.
        private func warm(before offset: Int) -> UInt64 {
            var hash: UInt64 = 0
            for position in offset - (window - 1)..<offset {
                hash = (hash << 2) &+ gear[Int(input[position])]
            }
            return hash
        }

        @inline(__always)
        private mutating func tell(_ end: Int, _ hash: UInt64, _ body: (Int, UInt64) -> Void) {
            guard hash != latest else { return }
            latest = hash
            body(end, hash)
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
