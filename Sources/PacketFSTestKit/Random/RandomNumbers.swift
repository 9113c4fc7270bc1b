extension SeededRandom {
    package mutating func bytes(upTo bound: Int) -> [UInt8] {
        bytes(draw(0...bound))
    }

    /// A number whose magnitude is as random as its value: short encodings are as likely as long ones.
    package mutating func number(below bound: UInt64) -> UInt64 {
        (next() >> UInt64.random(in: 0..<64, using: &self)) % bound
    }

    package mutating func number(below bound: Int) -> Int {
        Int(number(below: UInt64(bound)))
    }
}
