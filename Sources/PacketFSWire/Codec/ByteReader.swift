/// Reads the encodings of `Specs/blueprint.md` §2 from a span, never past its end.
package struct ByteReader: ~Escapable {
    private let bytes: RawSpan
    package private(set) var offset = 0

    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    package var remaining: Int { bytes.byteCount - offset }

    package mutating func u8() throws(WireError) -> UInt8 {
        guard offset < bytes.byteCount else { throw .truncated }
        defer { offset += 1 }
        return unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// A big-endian integer of fixed width.
    package mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) throws(WireError) -> T {
        let width = MemoryLayout<T>.size
        guard remaining >= width else { throw .truncated }
        defer { offset += width }
        return T(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// An unsigned LEB128 number of at most 64 bits, in its shortest form.
    package mutating func varint() throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let byte = try u8()
            let bits = UInt64(byte & 0x7f)
            guard shift < 63 || bits <= 1 else { throw .malformedNumber }
            value |= bits << shift
            if byte & 0x80 == 0 {
                guard byte != 0 || shift == 0 else { throw .malformedNumber }
                return value
            }
        }
        throw .malformedNumber
    }

    /// A varint at most `bound`, as an `Int`.
    package mutating func count(atMost bound: Int) throws(WireError) -> Int {
        let value = try varint()
        guard value <= UInt64(bound) else { throw .tooLarge }
        return Int(value)
    }

    /// A varint at most `bound`.
    package mutating func varint(atMost bound: UInt64) throws(WireError) -> UInt64 {
        let value = try varint()
        guard value <= bound else { throw .tooLarge }
        return value
    }

    /// A zigzag-coded signed varint.
    package mutating func signed() throws(WireError) -> Int64 {
        Int64(zigzag: try varint())
    }

    package mutating func bytes(_ count: Int) throws(WireError) -> [UInt8] {
        guard count >= 0, remaining >= count else { throw .truncated }
        defer { offset += count }
        return unsafe bytes.extracting(offset..<offset + count).withUnsafeBytes { unsafe [UInt8]($0) }
    }

    /// Bytes behind a varint length of at most `bound`.
    package mutating func prefixed(atMost bound: Int) throws(WireError) -> [UInt8] {
        try bytes(count(atMost: bound))
    }

    /// UTF-8 text behind a varint length of at most `bound` bytes.
    package mutating func text(atMost bound: Int) throws(WireError) -> String {
        guard let text = String(validating: try prefixed(atMost: bound), as: UTF8.self) else { throw .notText }
        return text
    }

    package mutating func flag() throws(WireError) -> Bool {
        switch try u8() {
        case 0: false
        case 1: true
        default: throw .unknown
        }
    }

    /// The first `shared` bytes of `prefix`, then the bytes before the next zero byte; at most `bound` in all.
    package mutating func terminated(
        atMost bound: Int, after prefix: [UInt8], shared: Int
    ) throws(WireError) -> [UInt8] {
        var end = offset
        let limit = min(bytes.byteCount, offset + bound - shared + 1)
        while end < limit, unsafe bytes.unsafeLoad(fromByteOffset: end, as: UInt8.self) != 0 { end += 1 }
        guard end < bytes.byteCount else { throw .truncated }
        guard end < limit else { throw .tooLarge }
        let rest = bytes.extracting(offset..<end)
        offset = end + 1
        var joined: [UInt8] = []
        joined.reserveCapacity(shared + rest.byteCount)
        joined.append(contentsOf: prefix[..<shared])
        unsafe rest.withUnsafeBytes { unsafe joined.append(contentsOf: $0.bindMemory(to: UInt8.self)) }
        return joined
    }

    /// Requires that every byte was read.
    package func finish() throws(WireError) {
        guard remaining == 0 else { throw .trailingBytes }
    }
}
