private import CAnchors

/// Content-defined anchors: places that depend on nothing but the `window` bytes before them, so that equal bytes have
/// equal anchors wherever they stand. About one byte in `spacing` ends one (`Specs/blob.md` §4).
package enum Anchors {
    /// Bytes before an anchor that its hash is of.
    package static let window = 32
    /// Mean distance of anchors on random bytes.
    package static let spacing = 256
    /// Of the window, the last bytes: they alone decide whether there is an anchor.
    private static let deciding = 16
    /// Places looked at in one go.
    private static let step = 16 << 10

    /// Calls `body` for each anchor in ascending order: `end` is the offset after its window, so that
    /// `bytes[end - window..<end]` has this `hash`. The first `window - 1` bytes end none. Of a run of anchors with the
    /// same hash (a repeated byte) only the first is reported.
    package static func scan(_ bytes: UnsafeRawBufferPointer, _ body: (_ end: Int, _ hash: UInt64) -> Void) {
        guard bytes.count >= window, let base = bytes.baseAddress else { return }
        var latest: UInt64?
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: step + 1) { places in
            for start in stride(from: window - deciding, through: bytes.count - deciding, by: step) {
                let count = min(step, bytes.count - deciding + 1 - start)
                let found = packetfs_anchors_find(base + start, count, places.baseAddress)
                for place in places[..<found] {
                    let end = start + Int(place) + deciding
                    let hash = hash(base + end - window)
                    guard hash != latest else { continue }
                    latest = hash
                    body(end, hash)
                }
            }
        }
    }

    /// Of the window that begins here: its four little-endian words, each mixed into the one before.
    private static func hash(_ window: UnsafeRawPointer) -> UInt64 {
        var hash: UInt64 = 0x7061_636b_6574_6673
        for offset in stride(from: 0, to: Self.window, by: 8) {
            hash = mixed(hash ^ UInt64(littleEndian: window.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
        return hash
    }

    /// The SplitMix64 finaliser: a bijection that spreads every bit over all.
    static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
