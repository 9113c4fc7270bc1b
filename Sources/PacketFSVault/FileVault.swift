package import PacketFSSecrets

/// A seed in a file of mode 0600, held in locked memory while this object lives.
///
/// The file is 8 bytes of format and version, then the seed. What it is worth is what the disk's encryption is worth.
package final class FileVault: Vault {
    private static let magic = Array("PFSSEED".utf8) + [1]
    private static let size = magic.count + SecretKey<Seed>.byteCount

    private let seed: SecretKey<Seed>

    /// Reads the seed at `path`.
    ///
    /// - Throws: `readableByOthers`, `foreignOwner`, `notAPlainFile` before a byte is read.
    package init(opening path: String) throws(VaultError) {
        seed = try PrivateFile.read(path, atMost: Self.size) { bytes throws(VaultError) in
            guard bytes.count == Self.size, bytes.starts(with: Self.magic.dropLast()) else { throw .malformed }
            guard bytes.starts(with: Self.magic) else { throw .unknownVersion }
            return SecretKey(copying: UnsafeRawBufferPointer(rebasing: bytes[Self.magic.count...]))
        }
    }

    private init(seed: consuming SecretKey<Seed>) {
        self.seed = seed
    }

    /// Keeps `seed` at `path`, where nothing may be yet. After a crash the whole file is there, or none.
    package static func create(at path: String, seed: borrowing SecretKey<Seed>) throws(VaultError) -> FileVault {
        try SecretBytes.withTemporary(size) { bytes throws(VaultError) in
            bytes.copyBytes(from: magic)
            seed.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: bytes[magic.count...]).copyBytes(from: $0) }
            try PrivateFile.create(path, contents: UnsafeRawBufferPointer(bytes))
        }
        return FileVault(seed: seed.copy())
    }

    /// Overwrites the seed and removes the file. On flash memory and copy-on-write file systems the old bytes may
    /// outlive the overwriting.
    package static func destroy(_ path: String) throws(VaultError) {
        try PrivateFile.destroy(path)
    }

    package func prf<P: KeyPurpose>(_ label: SeedLabel<P>, fields: [[UInt8]]) throws(VaultError) -> SecretKey<P> {
        seed.hmac(label, fields: fields)
    }
}

extension FileVault: CustomStringConvertible, CustomReflectable {
    package var description: String { "FileVault" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
