/// A small generator whose seed replays a failing test.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    mutating func bytes(upTo bound: Int) -> [UInt8] {
        bytes(Int.random(in: 0...bound, using: &self))
    }

    /// A number whose magnitude is as random as its value: short encodings are as likely as long ones.
    mutating func number(below bound: UInt64) -> UInt64 {
        (next() >> UInt64.random(in: 0..<64, using: &self)) % bound
    }

    mutating func number(below bound: Int) -> Int {
        Int(number(below: UInt64(bound)))
    }

    mutating func chance(_ oneIn: Int) -> Bool {
        next() % UInt64(oneIn) == 0
    }
}
