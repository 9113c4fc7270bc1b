/// The logistic function and its inverse in whole numbers (`Specs/model.md` §3), so that all machines agree.
final class Logistic: @unchecked Sendable {
    /// Written once, here, and read ever after.
    static let shared = Logistic()

    static let steps = 4096
    /// Probabilities, in 65,536ths, at -8, -7.5 and so on to 8.
    private static let knots: [Int] = [
        22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625, 24743, 32768, 40793, 47911,
        53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438, 65476, 65500, 65514,
    ]
    private static let spacing = 128

    /// Of x in 256ths plus 2048: the probability in 65,536ths.
    let squash: UnsafeMutablePointer<UInt16>
    /// Of a probability in 4096ths: the least x, in 256ths, whose probability is no less.
    let stretch: UnsafeMutablePointer<Int16>

    private init() {
        squash = .allocate(capacity: Self.steps)
        // Whoever reads two at once reads one beyond the last.
        stretch = .allocate(capacity: Self.steps + 1)
        stretch[Self.steps] = 0
        for index in 0..<Self.steps {
            let knot = index / Self.spacing
            let (left, right) = (Self.knots[knot], Self.knots[knot + 1])
            squash[index] = UInt16(left + (right - left) * (index % Self.spacing) / Self.spacing)
        }
        var index = 0
        for probability in 0..<Self.steps {
            while index < Self.steps - 1, Int(squash[index]) < probability * 16 { index += 1 }
            stretch[probability] = Int16(max(-2047, index - 2048))
        }
    }
}

/// An adaptive probability in 32 bits: 22 of the probability of a 1, less one half, and 10 that count what it has seen.
/// Zero is what knows nothing yet.
enum Slot {
    /// What has seen more adapts no slower.
    static let limit: UInt32 = 255
    private static let half: UInt32 = 1 << 31

    /// In 2^22nds.
    @inline(__always)
    static func probability(_ slot: UInt32) -> UInt32 { (slot ^ half) >> 10 }

    @inline(__always)
    static func count(_ slot: UInt32) -> UInt32 { slot & 1023 }

    /// The share of the way towards what was seen, which lessens with what was seen before.
    @inline(__always)
    static func update(_ slot: inout UInt32, _ bit: Int, _ rates: UnsafePointer<UInt32>) {
        let seen = count(slot)
        let value = Int64(probability(slot))
        let goal = Int64(truncatingIfNeeded: bit << 22 &- bit)
        let moved = value &+ ((goal &- value) &* Int64(rates[Int(seen)])) >> 16
        slot = (UInt32(truncatingIfNeeded: moved) << 10 | min(seen &+ 1, limit)) ^ half
    }
}

/// How far a slot moves, by what it has seen, in 65,536ths.
final class SlotRates: @unchecked Sendable {
    /// Written once, here, and read ever after.
    static let shared = SlotRates()

    let values: UnsafeMutablePointer<UInt32>

    private init() {
        values = .allocate(capacity: Int(Slot.limit) + 1)
        for seen in 0...Int(Slot.limit) { values[seen] = UInt32(655_360 / (10 * seen + 16)) }
    }
}
