internal import CSodium

/// The name that a file of secrets has while it is made: found again after a crash, and none that anybody gives a file of
/// theirs. Whatever lies there may be destroyed.
package enum TemporaryName {
    private static let (prefix, suffix) = (".packetfs-", ".new")

    /// In the folder of `path`: `.packetfs-`, the first 8 bytes of SHA-256 of its last component, `.new`.
    package static func beside(_ path: String) -> String {
        let start = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8.index(after: $0) } ?? path.startIndex
        let name = Array(path[start...].utf8)
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        // It never fails.
        _ = crypto_hash_sha256(&digest, name, UInt64(name.count))
        let number = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let digits = String(number, radix: 16)
        return path[..<start] + prefix + String(repeating: "0", count: 16 - digits.count) + digits + suffix
    }

    /// Whether a file of this name, without its folder, may be destroyed.
    package static func isOne(_ name: String) -> Bool {
        name.hasPrefix(prefix) && name.hasSuffix(suffix)
            && name.utf8.count == prefix.utf8.count + 16 + suffix.utf8.count
    }
}
