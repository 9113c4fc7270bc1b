internal import PacketFSSecrets

/// A seed in a file that its mode alone protects: 8 bytes of format and version, then the seed (`Specs/seeds.md` §4.1).
enum SeedFile {
    static let magic = Array("PFSSEED".utf8) + [1]
    static let size = magic.count + SecretKey<Seed>.byteCount

    static func decode(_ bytes: UnsafeRawBufferPointer) throws(VaultError) -> SecretKey<Seed> {
        guard bytes.count == size, bytes.starts(with: magic.dropLast()) else { throw .malformed }
        guard bytes.starts(with: magic) else { throw .unknownVersion }
        return SecretKey(copying: UnsafeRawBufferPointer(rebasing: bytes[magic.count...]))
    }

    static func withEncoded<R>(
        _ seed: borrowing SecretKey<Seed>, _ use: (UnsafeRawBufferPointer) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        try SecretBytes.withTemporary(size) { bytes throws(VaultError) in
            bytes.copyBytes(from: magic)
            seed.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: bytes[magic.count...]).copyBytes(from: $0) }
            return try use(UnsafeRawBufferPointer(bytes))
        }
    }
}
