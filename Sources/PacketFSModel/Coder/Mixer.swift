/// What four models of one bit say, brought together: each slot's opinion is weighed by how well that slot's kind did in
/// the same set before (`Specs/model.md` §4).
struct Mixer {
    /// Three eighths.
    private static let start: Int32 = 6 << 10
    /// Of a weight; four of the strongest opinions still fit 32 bits.
    private static let most: Int32 = 7 << 14

    typealias Slots = (
        UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>,
        UnsafeMutablePointer<UInt32>
    )

    private struct Weights {
        var (first, second, third, fourth) = (Mixer.start, Mixer.start, Mixer.start, Mixer.start)
    }

    private let weights: UnsafeMutablePointer<Weights>
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
        weights.update(repeating: Weights(), count: sets)
    }

    /// What has seen nothing is not heard, what has seen little is heard less, in quarters.
    @inline(__always)
    private func opinion(_ slot: UInt32) -> Int32 {
        let opinion = Int32(stretch[Int(Slot.probability(slot) >> 10)])
        let seen = Slot.count(slot)
        let trust = seen == 0 ? 0 : Int32(truncatingIfNeeded: min(4, seen &+ 1))
        return (opinion &* trust) >> 2
    }

    /// Codes a bit with both `slots`, and teaches them and the weights of `set`.
    @inline(__always)
    func code<Coder: BitCoder>(_ bit: Int, _ slots: Slots, set: Int, _ coder: inout Coder) -> Int {
        let first = opinion(slots.0.pointee)
        let second = opinion(slots.1.pointee)
        let third = opinion(slots.2.pointee)
        let fourth = opinion(slots.3.pointee)
        let weight = weights + set
        var w = weight.pointee
        let sum = (w.first &* first &+ w.second &* second &+ w.third &* third &+ w.fourth &* fourth) >> 14
        let probability = UInt32(squash[Int(max(-2048, min(2047, sum))) &+ 2048])
        let bit = coder.code(bit, probability)
        let error = (Int32(truncatingIfNeeded: bit << 16) &- Int32(truncatingIfNeeded: probability)) &* rate
        w.first = moved(w.first, by: first &* error)
        w.second = moved(w.second, by: second &* error)
        w.third = moved(w.third, by: third &* error)
        w.fourth = moved(w.fourth, by: fourth &* error)
        weight.pointee = w
        Slot.update(&slots.0.pointee, bit, rates)
        Slot.update(&slots.1.pointee, bit, rates)
        Slot.update(&slots.2.pointee, bit, rates)
        Slot.update(&slots.3.pointee, bit, rates)
        return bit
    }

    @inline(__always)
    private func moved(_ weight: Int32, by change: Int32) -> Int32 {
        max(-Self.most, min(Self.most, weight &+ (change &+ (1 << 17)) >> 18))
    }
}
