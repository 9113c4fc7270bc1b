import PacketFSWire

/// The names of files that are not whole yet: `.packetfs-<16 hex digits of the transfer>-<entry>`, beside the final
/// name. They follow from transfer and entry, so an interrupted transfer finds its files again without a record.
struct TempNames {
    private static let prefix = ".packetfs-"
    private let start: String

    init(_ transfer: TransferID) {
        let digits = transfer.bytes.prefix(8).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        start = Self.prefix + digits.joined() + "-"
    }

    func name(of entry: Int) -> Name {
        make(String(entry))
    }

    /// For scratch that has a name only for a moment.
    func scratch(_ number: Int) -> Name {
        make("scratch-\(number)")
    }

    private func make(_ end: String) -> Name {
        guard let name = Name((start + end).utf8) else { preconditionFailure("a temporary name is a component") }
        return name
    }

    /// Whether some transfer uses this name, or has used it.
    static func isTemporary(_ name: Name) -> Bool {
        let bytes = name.bytes
        guard bytes.starts(with: prefix.utf8) else { return false }
        let rest = bytes.dropFirst(prefix.utf8.count)
        guard rest.count > 17, rest[rest.startIndex + 16] == UInt8(ascii: "-") else { return false }
        return rest.prefix(16).allSatisfy(isHexDigit) && rest.dropFirst(17).allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
