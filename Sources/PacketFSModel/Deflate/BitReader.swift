/// Reads bits, the lowest of each byte first; zeros behind the end.
struct BitReader {
    private let bytes: UnsafeRawBufferPointer
    private var next = 0
    private var held: UInt64 = 0
    private var count = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Bytes that were begun; more than there are, if bits were read that are not there.
    var position: Int { next - count / 8 }

    /// The next 32 bits and more, the first one lowest.
    @inline(__always)
    mutating func peek() -> UInt64 {
        while count <= 56 {
            if next < bytes.count { held |= UInt64(bytes[next]) << UInt64(count) }
            next += 1
            count += 8
        }
        return held
    }

    /// `bits`: fewer than were peeked at.
    @inline(__always)
    mutating func skip(_ bits: Int) {
        held >>= UInt64(bits)
        count -= bits
    }

    /// At most 32 bits.
    @inline(__always)
    mutating func read(_ bits: Int) -> Int {
        let value = peek() & (1 << UInt64(bits) - 1)
        skip(bits)
        return Int(value)
    }

    /// Passes over what is left of a byte.
    mutating func align() {
        skip(count % 8)
    }
}

/// Writes bits, the lowest of each byte first.
struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var held: UInt64 = 0
    private var count = 0

    /// At most 32 bits.
    @inline(__always)
    mutating func write(_ value: Int, _ bits: Int) {
        held |= UInt64(truncatingIfNeeded: value) << UInt64(count)
        count += bits
        while count >= 8 {
            bytes.append(UInt8(truncatingIfNeeded: held))
            held >>= 8
            count -= 8
        }
    }

    /// Fills the last byte with zeros.
    mutating func finish() -> [UInt8] {
        if count > 0 { write(0, 8 - count) }
        return bytes
    }
}
