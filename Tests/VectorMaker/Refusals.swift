/// Bytes that must be refused, made of bytes that must not.
enum Refusals {
    /// What is wrong with each, and the bytes.
    static func cuts(of bytes: [UInt8]) -> [(String, [UInt8])] {
        [
            ("nothing", []), ("cut in the middle", Array(bytes.prefix(bytes.count / 2))),
            ("cut by a byte", bytes.dropLast()),
        ]
    }

    /// The varint in a longer form than needed.
    static func longVarint(_ value: UInt8) -> [UInt8] { [value | 0x80, 0] }

    /// A varint of more than 64 bits.
    static let hugeVarint = [UInt8](repeating: 0xff, count: 9) + [2]
}

/// A vector that does not hold, so that it is never written.
struct BrokenVector: Error {
    let name: String
}
