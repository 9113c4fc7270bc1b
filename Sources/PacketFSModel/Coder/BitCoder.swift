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

    @inline(__always)
    mutating func code(_ bit: Int, _ probability: UInt32) -> Int {
        let middle = low &+ UInt32(truncatingIfNeeded: (UInt64(high &- low) &* UInt64(probability)) >> 16)
        if bit == 1 { high = middle } else { low = middle &+ 1 }
        while (low ^ high) & 0xff00_0000 == 0 {
            bytes.append(UInt8(truncatingIfNeeded: high >> 24))
            low <<= 8
            high = high << 8 | 0xff
        }
        return bit
    }

    /// Everything coded, in as few bytes as tell it: a decoder reads zeros behind them.
    consuming func finish() -> [UInt8] {
        if low > 0 {
            // The shortest fraction within the interval.
            for length in 1...4 {
                let mask = UInt32.max << UInt32(32 - 8 * length)
                let (value, overflow) = low.addingReportingOverflow(~mask)
                guard !overflow || length == 4, value & mask <= high, value & mask >= low else { continue }
                for index in 0..<length { bytes.append(UInt8(truncatingIfNeeded: (value & mask) >> UInt32(24 - 8 * index))) }
                break
            }
        }
        while bytes.last == 0 { bytes.removeLast() }
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

    @inline(__always)
    mutating func code(_ bit: Int, _ probability: UInt32) -> Int {
        let middle = low &+ UInt32(truncatingIfNeeded: (UInt64(high &- low) &* UInt64(probability)) >> 16)
        let bit = value <= middle ? 1 : 0
        if bit == 1 { high = middle } else { low = middle &+ 1 }
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
