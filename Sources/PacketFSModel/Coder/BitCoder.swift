internal import CMixing

/// Codes one bit after another, each with the probability that a model gives it. Encoder and decoder share every model:
/// what the encoder is told, the decoder finds out.
protocol BitCoder {
    static var isDecoding: Bool { get }
    /// Whether what was coded last is a guess, for the bytes that tell it are not there.
    var isGuessing: Bool { get }
    /// - Parameters:
    ///   - bit: 0 or 1; of no meaning to a decoder.
    ///   - probability: of a 1, in 65,536ths, from 1 to 65,535.
    mutating func code(_ bit: Int, _ probability: UInt32) -> Int
    /// A bit that four slots foretell, which learn from it.
    mutating func code(_ bit: Int, _ mixer: Mixer.Core, _ slots: packetfs_slots, set: Int) -> Int
    /// A byte that four contexts foretell.
    mutating func code(
        byte: UInt8, _ mixer: Mixer.Core, _ lines: packetfs_slot_lines, _ contexts: packetfs_contexts, set: Int
    ) -> UInt8
}

/// Writes bits as a binary fraction (`Specs/model.md` §2): the interval from `low` to `high` narrows with every bit, and
/// the bytes that both ends share are written.
struct RangeEncoder: BitCoder {
    static var isDecoding: Bool { false }
    var isGuessing: Bool { false }

    private(set) var bytes: [UInt8] = []
    private var state = packetfs_code_writer(low: 0, high: .max)

    @inline(__always)
    mutating func code(_ bit: Int, _ probability: UInt32) -> Int {
        let range = UInt64(state.high &- state.low)
        let middle = state.low &+ UInt32(truncatingIfNeeded: (range &* UInt64(probability)) >> 16)
        if bit == 1 { state.high = middle } else { state.low = middle &+ 1 }
        while (state.low ^ state.high) & 0xff00_0000 == 0 {
            bytes.append(UInt8(truncatingIfNeeded: state.high >> 24))
            state.low <<= 8
            state.high = state.high << 8 | 0xff
        }
        return bit
    }

    @inline(__always)
    mutating func code(_ bit: Int, _ mixer: Mixer.Core, _ slots: packetfs_slots, set: Int) -> Int {
        write { packetfs_write_bit(mixer, &$0, slots, set, Int32(truncatingIfNeeded: bit), $1) }
        return bit
    }

    @inline(__always)
    mutating func code(
        byte: UInt8, _ mixer: Mixer.Core, _ lines: packetfs_slot_lines, _ contexts: packetfs_contexts, set: Int
    ) -> UInt8 {
        write { packetfs_write_byte(mixer, &$0, lines, contexts, set, Int32(byte), $1) }
        return byte
    }

    /// Keeps what `body` writes, and returns how much of: at most `PACKETFS_MOST_CODE`.
    @inline(__always)
    private mutating func write(
        _ body: (inout packetfs_code_writer, UnsafeMutablePointer<UInt8>?) -> Int
    ) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(PACKETFS_MOST_CODE)) { written in
            let count = body(&state, written.baseAddress)
            for place in 0..<count { bytes.append(written[place]) }
        }
    }

    /// Everything coded, in as few bytes as tell it: a decoder reads zeros behind them.
    mutating func finish() -> [UInt8] {
        guard state.low > 0 else { return bytes }
        // The shortest fraction within the interval.
        for length in 1...4 {
            let mask = UInt32.max << UInt32(32 - 8 * length)
            let (sum, overflow) = state.low.addingReportingOverflow(~mask)
            let value = sum & mask
            guard !overflow, value >= state.low, value <= state.high else { continue }
            for index in 0..<length { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * index))) }
            break
        }
        return bytes
    }
}

/// Reads what `RangeEncoder` wrote. Hostile bytes give some bits or other, never more of them than are asked for.
struct RangeDecoder: BitCoder {
    static var isDecoding: Bool { true }

    private var state: packetfs_code_reader
    private let isFront: Bool

    /// `bytes` must outlive the decoder.
    ///
    /// - Parameter isFront: they are the first of a code, and not zeros follow but bytes that are not known.
    init(_ bytes: UnsafeBufferPointer<UInt8>, isFront: Bool = false) {
        self.isFront = isFront
        state = packetfs_code_reader(
            low: 0, high: .max, value: 0, beyond: 0, next: bytes.baseAddress, left: bytes.count)
        for _ in 0..<4 { state.value = state.value << 8 | UInt32(byte()) }
    }

    var isGuessing: Bool { isFront && state.beyond > 0 }
    /// Whether all bytes were read, and no more than a whole encoding can lack.
    var isExact: Bool { state.left == 0 && !isOverrun }
    /// Whether more was asked for than the bytes can have told.
    var isOverrun: Bool { state.beyond > 4 }

    @inline(__always)
    mutating func code(_ bit: Int, _ probability: UInt32) -> Int {
        let range = UInt64(state.high &- state.low)
        let middle = state.low &+ UInt32(truncatingIfNeeded: (range &* UInt64(probability)) >> 16)
        let bit = state.value <= middle ? 1 : 0
        // Without a branch, for no processor could foretell it.
        let mask = 0 &- UInt32(truncatingIfNeeded: bit)
        state.high = (middle & mask) | (state.high & ~mask)
        state.low = (state.low & mask) | ((middle &+ 1) & ~mask)
        while (state.low ^ state.high) & 0xff00_0000 == 0 {
            state.low <<= 8
            state.high = state.high << 8 | 0xff
            state.value = state.value << 8 | UInt32(byte())
        }
        return bit
    }

    @inline(__always)
    mutating func code(_ bit: Int, _ mixer: Mixer.Core, _ slots: packetfs_slots, set: Int) -> Int {
        Int(packetfs_read_bit(mixer, &state, slots, set))
    }

    @inline(__always)
    mutating func code(
        byte: UInt8, _ mixer: Mixer.Core, _ lines: packetfs_slot_lines, _ contexts: packetfs_contexts, set: Int
    ) -> UInt8 {
        UInt8(truncatingIfNeeded: packetfs_read_byte(mixer, &state, lines, contexts, set))
    }

    @inline(__always)
    private mutating func byte() -> UInt8 {
        guard state.left > 0, let place = state.next else {
            state.beyond &+= state.beyond < .max ? 1 : 0
            return 0
        }
        state.left &-= 1
        state.next = place + 1
        return place.pointee
    }
}
