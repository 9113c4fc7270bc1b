/// Codes numbers, each in a context that adapts by itself (`Specs/model.md` §4). The columns of descriptors are made of
/// these.
struct NumberModel {
    private static let exponents = 64
    /// Of a number's bits behind its first, so many depend on those before them.
    private static let exact = 4
    private static let slotsPerContext = exponents + exponents * 32

    private let slots: UnsafeMutablePointer<UInt32>
    private let count: Int
    private let rates = UnsafePointer(SlotRates.shared.values)

    /// The owner must call `free`.
    init(contexts: Int) {
        count = contexts * Self.slotsPerContext
        slots = .allocate(capacity: count)
        reset()
    }

    func free() {
        slots.deallocate()
    }

    func reset() {
        slots.update(repeating: 0, count: count)
    }

    /// A number below 2^62. A decoder's may be larger; the caller bounds it.
    func code<Coder: BitCoder>(_ number: UInt64, _ context: Int, _ coder: inout Coder) -> UInt64 {
        let start = slots + context * Self.slotsPerContext
        let value = number &+ 1
        let bits = Self.exponents - 1 - value.leadingZeroBitCount
        var exponent = 0
        while exponent < Self.exponents - 1, bit(bits > exponent ? 1 : 0, start + exponent, &coder) == 1 {
            exponent += 1
        }
        var coded: UInt64 = 1
        for depth in 0..<exponent {
            let node = depth < Self.exact ? Int(coded) : 16 + min(depth, 15)
            let place = start + Self.exponents + exponent * 32 + node
            coded = coded << 1 | UInt64(bit(Int(value >> UInt64(exponent - 1 - depth) & 1), place, &coder))
        }
        return coded &- 1
    }

    @inline(__always)
    private func bit<Coder: BitCoder>(_ bit: Int, _ slot: UnsafeMutablePointer<UInt32>, _ coder: inout Coder) -> Int {
        let bit = coder.code(bit, max(32, min(65_504, Slot.probability(slot.pointee) >> 6)))
        Slot.update(&slot.pointee, bit, rates)
        return bit
    }
}

/// Codes one of a few values.
struct ChoiceModel {
    private let bits: Int
    private let slots: UnsafeMutablePointer<UInt32>
    private let count: Int
    private let rates = UnsafePointer(SlotRates.shared.values)

    /// The owner must call `free`.
    init(contexts: Int, bits: Int) {
        self.bits = bits
        count = contexts << bits
        slots = .allocate(capacity: count)
        reset()
    }

    func free() {
        slots.deallocate()
    }

    func reset() {
        slots.update(repeating: 0, count: count)
    }

    func code<Coder: BitCoder>(_ value: Int, _ context: Int, _ coder: inout Coder) -> Int {
        var node = 1
        for depth in 0..<bits {
            let slot = slots + (context << bits + node)
            let bit = coder.code(
                value >> (bits - 1 - depth) & 1, max(32, min(65_504, Slot.probability(slot.pointee) >> 6)))
            Slot.update(&slot.pointee, bit, rates)
            node = node << 1 | bit
        }
        return node - 1 << bits
    }
}
