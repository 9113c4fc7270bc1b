/// Codes one bit after another, each with the probability that a model gives it. Encoder and decoder share every model:
/// what the encoder is told, the decoder finds out.
protocol BitCoder {
    static var isDecoding: Bool { get }
    /// - Parameters:
    ///   - bit: 0 or 1; of no meaning to a decoder.
    ///   - probability: of a 1, in 65,536ths, from 1 to 65,535.
    mutating func code(_ bit: Int, _ probability: UInt32) -> Int
}

/// Writes bits as a binary fraction (`Specs/model.md` §2): the interval from `low` to `high` narrows with every bit, and
/// the bytes that both ends share are written.
struct RangeEncoder: BitCoder {
    static var isDecoding: Bool { false }

    private(set) var bytes: [UInt8] = []
    private var low: UInt32 = 0
    private var high: UInt32 = .max

    /// The part of the interval that the bit chooses: without a branch, for no processor could foretell it.
    @inline(__always)
    private mutating func narrow(to middle: UInt32, _ bit: Int) {
        let mask = 0 &- UInt32(truncatingIfNeeded: bit)
        high = (middle & mask) | (high & ~mask)
        low = (low & mask) | ((middle &+ 1) & ~mask)
    }

    @inline(__always)
    mutating func code(_ bit: Int, _ probability: UInt32) -> Int {
        let middle = low &+ UInt32(truncatingIfNeeded: (UInt64(high &- low) &* UInt64(probability)) >> 16)
        narrow(to: middle, bit)
        while (low ^ high) & 0xff00_0000 == 0 {
            bytes.append(UInt8(truncatingIfNeeded: high >> 24))
            low <<= 8
            high = high << 8 | 0xff
        }
        return bit
    }

    /// Everything coded, in as few bytes as tell it: a decoder reads zeros behind them.
    mutating func finish() -> [UInt8] {
        guard low > 0 else { return bytes }
        // The shortest fraction within the interval.
        for length in 1...4 {
            let mask = UInt32.max << UInt32(32 - 8 * length)
            let (sum, overflow) = low.addingReportingOverflow(~mask)
            let value = sum & mask
            guard !overflow, value >= low, value <= high else { continue }
            for index in 0..<length { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * index))) }
            break
        }
        return bytes
    }
}

/// Reads what `RangeEncoder` wrote. Hostile bytes give some bits or other, never more of them than are asked for.
struct RangeDecoder: BitCoder {
    static var isDecoding: Bool { true }

    private var next: UnsafePointer<UInt8>?
    private var left: Int
    private var low: UInt32 = 0
    private var high: UInt32 = .max
    private var value: UInt32 = 0
    /// Zeros read behind the end.
    private var beyond = 0

    /// `bytes` must outlive the decoder.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        next = bytes.baseAddress
        left = bytes.count
        for _ in 0..<4 { value = value << 8 | UInt32(byte()) }
    }

    /// Whether all bytes were read, and no more than a whole encoding can lack.
    var isExact: Bool { left == 0 && !isOverrun }
    /// Whether more was asked for than the bytes can have told.
    var isOverrun: Bool { beyond > 4 }

    /// The part of the interval that the bit chooses: without a branch, for no processor could foretell it.
    @inline(__always)
    private mutating func narrow(to middle: UInt32, _ bit: Int) {
        let mask = 0 &- UInt32(truncatingIfNeeded: bit)
        high = (middle & mask) | (high & ~mask)
        low = (low & mask) | ((middle &+ 1) & ~mask)
    }

    @inline(__always)
    mutating func code(_ bit: Int, _ probability: UInt32) -> Int {
        let middle = low &+ UInt32(truncatingIfNeeded: (UInt64(high &- low) &* UInt64(probability)) >> 16)
        let bit = value <= middle ? 1 : 0
        narrow(to: middle, bit)
        while (low ^ high) & 0xff00_0000 == 0 {
            low <<= 8
            high = high << 8 | 0xff
            value = value << 8 | UInt32(byte())
        }
        return bit
    }

    @inline(__always)
    private mutating func byte() -> UInt8 {
        guard left > 0, let place = next else {
            beyond &+= 1
            return 0
        }
        left &-= 1
        next = place + 1
        return place.pointee
    }
}
