/// Where x86 code holds a distance of four bytes, told by the two bytes before it.
///
/// `@unchecked Sendable`: written once, in `init`, and read ever after.
final class NativeCode: @unchecked Sendable {
    static let shared = NativeCode()

    /// 0: none; 1: call; 2: jump; 3: conditional jump; 4: operand relative to the instruction.
    static let none: UInt8 = 0

    /// By the byte before, and whether that depends on the one before it: 1, 2 as they are; 3 behind 0x0f; 4 behind an
    /// opcode.
    private static let byLast: [UInt8] = (0..<256).map { last in
        switch last {
        case 0xe8: 1
        case 0xe9: 2
        case 0x80...0x8f: 3
        case _ where last & 0xc7 == 0x05: 4
        default: 0
        }
    }

    /// Opcodes of one byte, and second bytes of those of two, that are mostly followed by an operand in memory.
    private static let operands: Set<Int> = [
        0x01, 0x03, 0x0f, 0x10, 0x11, 0x28, 0x29, 0x2e, 0x2f, 0x38, 0x39, 0x3a, 0x3b, 0x54, 0x57, 0x58, 0x59, 0x5c,
        0x5e, 0x6f, 0x7f, 0x80, 0x83, 0x85, 0x89, 0x8b, 0x8d, 0xc6, 0xc7, 0xdb, 0xeb, 0xef, 0xff,
    ]

    /// The kind of distance behind two bytes: index `before * 256 + last`.
    let kinds: UnsafePointer<UInt8>

    private init() {
        let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 65_536)
        for before in 0..<256 {
            for last in 0..<256 {
                let kind = Self.byLast[last]
                let isOne =
                    switch kind {
                    case 3: before == 0x0f
                    case 4: Self.operands.contains(before)
                    default: true
                    }
                table[before << 8 | last] = isOne ? kind : Self.none
            }
        }
        kinds = UnsafePointer(table)
    }
}
