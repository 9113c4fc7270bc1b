/// Codes numbers and small choices, each in a context that adapts by itself. The columns of descriptors are made of these.
struct NumberModel {
    private static let exponents = 64
    /// Of a number's bits behind its first, so many depend on those before them.
    private static let exact = 4
    private static let slotsPerContext = exponents + exponents * 32

    private var slots: [UInt32]

    init(contexts: Int) {
        slots = [UInt32](repeating: 0, count: contexts * Self.slotsPerContext)
    }

    /// A number below 2^62. A decoder's may be larger; the caller bounds it.
    mutating func code<Coder: BitCoder>(_ number: UInt64, _ context: Int, _ coder: inout Coder) -> UInt64 {
        let start = context * Self.slotsPerContext
        let value = number &+ 1
        let bits = Self.exponents - 1 - value.leadingZeroBitCount
        var exponent = 0
        while exponent < Self.exponents - 1, bit(bits > exponent ? 1 : 0, start + exponent, &coder) == 1 { exponent += 1 }
        var coded: UInt64 = 1
        for depth in 0..<exponent {
            let node = depth < Self.exact ? Int(coded) : 16 + min(depth, 15)
            let place = start + Self.exponents + exponent * 32 + node
            coded = coded << 1 | UInt64(bit(Int(value >> UInt64(exponent - 1 - depth) & 1), place, &coder))
        }
        return coded - 1
    }

    private mutating func bit<Coder: BitCoder>(_ bit: Int, _ place: Int, _ coder: inout Coder) -> Int {
        slots[place].code(bit, &coder)
    }
}

/// Codes one of a few values.
struct ChoiceModel {
    private let bits: Int
    private var slots: [UInt32]

    init(contexts: Int, bits: Int) {
        self.bits = bits
        slots = [UInt32](repeating: 0, count: contexts << bits)
    }

    mutating func code<Coder: BitCoder>(_ value: Int, _ context: Int, _ coder: inout Coder) -> Int {
        var node = 1
        for depth in 0..<bits {
            let place = context << bits + node
            node = node << 1 | slots[place].code(value >> (bits - 1 - depth) & 1, &coder)
        }
        return node - 1 << bits
    }
}

extension UInt32 {
    /// Codes a bit with the slot's own probability alone.
    @inline(__always)
    fileprivate mutating func code<Coder: BitCoder>(_ bit: Int, _ coder: inout Coder) -> Int {
        let probability = Swift.max(32, Swift.min(65_504, Slot.probability(self) >> 6))
        let bit = coder.code(bit, probability)
        Slot.update(&self, bit, SlotRates.shared.values)
        return bit
    }
}
