/// The bytes of a leaf before the next one.
struct Recent {
    /// The latest four, the latest in the highest bits.
    private(set) var word: UInt32 = 0

    init(_ leaf: UnsafePointer<UInt8>, before place: Int) {
        for offset in max(0, place - 4)..<place { push(leaf[offset]) }
    }

    @inline(__always)
    mutating func push(_ byte: UInt8) {
        word = word >> 8 | UInt32(byte) << 24
    }

    /// Whether a distance of four bytes follows in x86 code: `true` behind a call or jump, `false` behind an operand
    /// relative to the instruction, `nil` behind anything else.
    @inline(__always)
    var opensField: Bool? {
        let (last, before) = (UInt8(truncatingIfNeeded: word >> 24), UInt8(truncatingIfNeeded: word >> 16))
        if last & 0xfe == 0xe8 || (before == 0x0f && last & 0xf0 == 0x80) { return true }
        return last & 0xc7 == 0x05 && Self.takesOperand(before) ? false : nil
    }

    /// Opcodes of one byte, and second bytes of those of two, that are mostly followed by an operand in memory.
    @inline(__always)
    private static func takesOperand(_ opcode: UInt8) -> Bool {
        operands.0 >> UInt64(opcode) & 1 == 1 && opcode < 64
            || opcode & 0xc0 == 0x40 && operands.1 >> UInt64(opcode & 63) & 1 == 1
            || opcode & 0xc0 == 0x80 && operands.2 >> UInt64(opcode & 63) & 1 == 1
            || opcode & 0xc0 == 0xc0 && operands.3 >> UInt64(opcode & 63) & 1 == 1
    }

    private static let operands = (
        mask(0x00, [0x01, 0x03, 0x0f, 0x10, 0x11, 0x28, 0x29, 0x2e, 0x2f, 0x38, 0x39, 0x3a, 0x3b]),
        mask(0x40, [0x54, 0x57, 0x58, 0x59, 0x5c, 0x5e, 0x6f, 0x7f]),
        mask(0x80, [0x80, 0x83, 0x85, 0x89, 0x8b, 0x8d]),
        mask(0xc0, [0xc6, 0xc7, 0xdb, 0xeb, 0xef, 0xff])
    )

    private static func mask(_ first: UInt64, _ opcodes: [UInt64]) -> UInt64 {
        opcodes.reduce(0) { $0 | 1 << ($1 - first) }
    }
}
