/// Comparisons of bytes at raw addresses. The callers keep both sides within their buffers.
enum ByteCompare {
    /// How many of the first `limit` bytes are equal.
    @inline(__always)
    static func forward(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, limit: Int) -> Int {
        var offset = 0
        while offset + 32 <= limit {
            let first = word(left + offset) ^ word(right + offset)
            let second = word(left + offset + 8) ^ word(right + offset + 8)
            let third = word(left + offset + 16) ^ word(right + offset + 16)
            let fourth = word(left + offset + 24) ^ word(right + offset + 24)
            if (first | second | third | fourth) != 0 { break }
            offset += 32
        }
        while offset + 8 <= limit {
            let difference = word(left + offset) ^ word(right + offset)
            if difference != 0 { return offset + difference.trailingZeroBitCount >> 3 }
            offset += 8
        }
        while offset < limit, byte(left + offset) == byte(right + offset) { offset += 1 }
        return offset
    }

    /// How many of the last `limit` bytes before the two places are equal.
    @inline(__always)
    static func backward(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, limit: Int) -> Int {
        var offset = 0
        while offset + 32 <= limit {
            let (here, there) = (left - offset - 32, right - offset - 32)
            let first = word(here) ^ word(there)
            let second = word(here + 8) ^ word(there + 8)
            let third = word(here + 16) ^ word(there + 16)
            let fourth = word(here + 24) ^ word(there + 24)
            if (first | second | third | fourth) != 0 { break }
            offset += 32
        }
        while offset + 8 <= limit {
            let difference = word(left - offset - 8) ^ word(right - offset - 8)
            if difference != 0 { return offset + difference.leadingZeroBitCount >> 3 }
            offset += 8
        }
        while offset < limit, byte(left - offset - 1) == byte(right - offset - 1) { offset += 1 }
        return offset
    }

    /// How many of `count` bytes are equal.
    @inline(__always)
    static func equal(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, count: Int) -> Int {
        var (offset, equal) = (0, 0)
        while offset + 8 <= count {
            let difference = word(left + offset) ^ word(right + offset)
            // The top bit of each byte that is not zero.
            let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
            let marks = ((difference & low) &+ low | difference) & ~low
            equal += 8 - marks.nonzeroBitCount
            offset += 8
        }
        while offset < count {
            if byte(left + offset) == byte(right + offset) { equal += 1 }
            offset += 1
        }
        return equal
    }

    /// How many of the first `limit` bytes equal the first one.
    @inline(__always)
    static func runLength(_ start: UnsafeRawPointer, limit: Int) -> Int {
        guard limit > 0 else { return 0 }
        // A run is what equals itself one byte on.
        return 1 + forward(start, start + 1, limit: limit - 1)
    }

    /// Whether all bytes of a word have one value.
    @inline(__always)
    static func isRun(_ word: UInt64) -> Bool { word == (word & 0xff) &* 0x0101_0101_0101_0101 }

    /// Eight bytes, the first in the low bits.
    @inline(__always)
    static func word(_ pointer: UnsafeRawPointer) -> UInt64 {
        UInt64(littleEndian: pointer.loadUnaligned(as: UInt64.self))
    }

    @inline(__always)
    static func byte(_ pointer: UnsafeRawPointer) -> UInt8 {
        pointer.load(as: UInt8.self)
    }
}
