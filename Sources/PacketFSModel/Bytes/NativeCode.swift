internal import CMixing

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
    /// The same for whoever looks at many bytes at once.
    private let pairs: packetfs_pairs

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
        pairs = Self.pairs(table)
    }

    /// The first place from `start` on, and below `end`, where a distance begins that ends within `count` bytes; `end` if
    /// there is none. `start` is at least 2, or not below `end`.
    func next(in bytes: UnsafePointer<UInt8>, from start: Int, below end: Int, of count: Int) -> Int {
        let last = min(end, count - 3)
        guard start < last else { return end }
        let found = withUnsafePointer(to: pairs) { packetfs_find_behind_pair($0, bytes, start, last) }
        return found < last ? found : end
    }

    private static func pairs(_ kinds: UnsafePointer<UInt8>) -> packetfs_pairs {
        let values = 0..<256
        let isOpening = { kinds[$0 << 8 | $1] != none }
        let always = values.filter { last in values.allSatisfy { isOpening($0, last) } }
        let sometimes = values.filter { last in !always.contains(last) && values.contains { isOpening($0, last) } }
        let before = values.filter { before in sometimes.contains { isOpening(before, $0) } }
        return packetfs_pairs(
            always: set(always), before: set(before), sometimes: set(sometimes), pairs: kinds)
    }

    private static func set(_ values: [Int]) -> packetfs_bytes {
        var set = packetfs_bytes()
        withUnsafeMutableBytes(of: &set) { rows in
            for value in values { rows[(value >> 7) << 4 | value & 15] |= UInt8(1) << UInt8((value >> 4) & 7) }
        }
        return set
    }
}
