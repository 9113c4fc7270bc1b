/// The names of files that are not whole yet: `.packetfs-<16 hex digits of the transfer>-<entry>`, beside the final
/// name, and, with `-old` behind, of what gives way to them. They mean something to their receiver alone, so they are
/// neither sent nor superfluous.
package enum UnfinishedName {
    package static let prefix = ".packetfs-"
    package static let displaced = "-old"

    /// Whether some transfer uses this name of a file, or has used it.
    package static func matches(_ name: some Collection<UInt8>) -> Bool {
        guard name.first == UInt8(ascii: "."), name.starts(with: prefix.utf8) else { return false }
        var rest = Array(name.dropFirst(prefix.utf8.count))
        if rest.reversed().starts(with: displaced.utf8.reversed()) { rest.removeLast(displaced.utf8.count) }
        guard rest.count > 17, rest[16] == UInt8(ascii: "-") else { return false }
        return rest.prefix(16).allSatisfy(isHexDigit) && rest.dropFirst(17).allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
