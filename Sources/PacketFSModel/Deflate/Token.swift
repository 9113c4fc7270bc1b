/// What a deflate stream consists of: a byte, or a stretch of bytes that stood before.
struct Token: Equatable {
    private let raw: UInt32

    @inline(__always)
    init(literal: UInt8) {
        raw = UInt32(literal)
    }

    @inline(__always)
    init(length: Int, distance: Int) {
        raw = UInt32(truncatingIfNeeded: length << 16 | distance)
    }

    /// 0: a literal.
    @inline(__always)
    var length: Int { Int(raw >> 16) }
    @inline(__always)
    var distance: Int { Int(raw & 0xffff) }
    @inline(__always)
    var literal: Int { Int(raw & 0xff) }
}
