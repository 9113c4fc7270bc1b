/// What the models of one bit say, brought together: each slot's opinion is weighed by how well that slot's kind did in the
/// same set before (`Specs/model.md` §4).
struct Mixer {
    static let inputs = 8
    private static let one: Int32 = 1 << 14
    /// Of a weight; eight of the strongest opinions still fit 32 bits.
    private static let most: Int32 = 7 << 14

    private let weights: UnsafeMutablePointer<SIMD8<Int32>>
    private let sets: Int
    private let rate: Int32
    private let squash: UnsafePointer<UInt16>
    private let stretch: UnsafePointer<Int16>
    private let rates: UnsafePointer<UInt32>

    /// The owner must call `free`.
    init(sets: Int, rate: Int32) {
        weights = .allocate(capacity: sets)
        self.sets = sets
        self.rate = rate
        squash = UnsafePointer(Logistic.shared.squash)
        stretch = UnsafePointer(Logistic.shared.stretch)
        rates = UnsafePointer(SlotRates.shared.values)
        reset()
    }

    func free() {
        weights.deallocate()
    }

    func reset() {
        weights.update(repeating: SIMD8(repeating: Self.one * 5 / 16), count: sets)
    }

    /// What has seen nothing is not heard, what has seen little is heard less, in quarters.
    @inline(__always)
    private static func trust(_ seen: UInt32) -> Int32 {
        seen == 0 ? 0 : Int32(truncatingIfNeeded: min(4, seen + 1))
    }

    /// Codes a bit with all `slots`, and teaches them and the weights of `set`.
    @inline(__always)
    func code<Coder: BitCoder>(
        _ bit: Int, _ slots: UnsafePointer<UnsafeMutablePointer<UInt32>>, set: Int, _ coder: inout Coder
    ) -> Int {
        var opinions = SIMD8<Int32>()
        for index in 0..<Self.inputs {
            let slot = slots[index].pointee
            let opinion = Int32(stretch[Int(Slot.probability(slot) >> 10)])
            opinions[index] = (opinion &* Self.trust(Slot.count(slot))) >> 2
        }
        let weight = weights + set
        let sum = (weight.pointee &* opinions).wrappedSum() >> 14
        let probability = UInt32(squash[Int(max(-2048, min(2047, sum))) + 2048])
        let bit = coder.code(bit, probability)
        let error = Int32(bit << 16) - Int32(probability)
        let change = opinions &* SIMD8(repeating: error &* rate)
        let moved = weight.pointee &+ (change &+ (1 << 17)) &>> SIMD8(repeating: 18)
        weight.pointee = moved.clamped(lowerBound: SIMD8(repeating: -Self.most), upperBound: SIMD8(repeating: Self.most))
        for index in 0..<Self.inputs { Slot.update(&slots[index].pointee, bit, rates) }
        return bit
    }
}
