/// The diagonals of the latest copies and adds of a leaf, latest first (`Specs/blueprint.md` §5.1): an address is told by
/// one of them, and how far it lies from where that would go on. A diagonal is an address less the place in the leaf where
/// what it gives stands, modulo 2^64.
struct Diagonals {
    /// Most that are remembered: what a choice of four bits names.
    private static let most = 16
    /// A diagonal takes the place of one that was told by less than so much.
    private static let close: UInt64 = 512

    private var latest: [UInt64] = [0]

    /// Which of them tells `diagonal` in the fewest bits, and the difference from it in zigzag form.
    func nearest(to diagonal: UInt64) -> (choice: Int, difference: UInt64) {
        var nearest = (choice: 0, difference: Self.difference(diagonal, from: latest[0]))
        var least = nearest.difference.bits
        for choice in latest.indices.dropFirst() {
            let difference = Self.difference(diagonal, from: latest[choice])
            let bits = difference.bits + UInt64(choice).bits + 1
            if bits < least { (nearest, least) = ((choice, difference), bits) }
        }
        return nearest
    }

    /// The diagonal that is so far from one of them; `nil` if there is no such choice.
    func diagonal(_ choice: Int, _ difference: UInt64) -> UInt64? {
        guard latest.indices.contains(choice) else { return nil }
        return latest[choice] &+ UInt64(bitPattern: Int64(zigzag: difference))
    }

    /// To be called with each that was told, and how.
    mutating func take(_ diagonal: UInt64, _ choice: Int, _ difference: UInt64) {
        if difference < Self.close || latest.count == Self.most {
            latest.remove(at: difference < Self.close ? choice : Self.most - 1)
        }
        latest.insert(diagonal, at: 0)
    }

    private static func difference(_ diagonal: UInt64, from other: UInt64) -> UInt64 {
        Int64(bitPattern: diagonal &- other).zigzag
    }
}

extension UInt64 {
    fileprivate var bits: Int { UInt64.bitWidth - leadingZeroBitCount }
}
