internal import CSodium
internal import PacketFSSecrets
internal import PacketFSWire

/// A secret sealed with a passphrase: Argon2id, then XChaCha20-Poly1305 over the secret and the whole header
/// (`Specs/seeds.md` §4.2).
enum SealedFile {
    static let magic = Array("PFSSEAL".utf8) + [1]
    static let saltSize = Int(crypto_pwhash_argon2id_SALTBYTES)
    static let nonceSize = Int(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
    static let tagSize = Int(crypto_aead_xchacha20poly1305_ietf_ABYTES)
    static let headerSize = magic.count + 1 + 4 + 4 + saltSize + nonceSize
    /// Of a sealed seed.
    static let seedSize = headerSize + SecretKey<Seed>.byteCount + tagSize
    static let sizeBound = headerSize + PeerFileLayout.sizeBound + tagSize

    /// What is sealed. A file of one kind is never taken for one of another.
    enum Kind: UInt8 {
        /// The 32 bytes of a seed.
        case seed = 1
        /// A peer file, to restore a seed from.
        case backup = 2
    }

    /// What Argon2id is made to spend.
    struct Cost: Equatable {
        let passes: UInt32
        let kibibytes: UInt32

        static let passBounds = UInt32(1)...16
        static let memoryBounds = UInt32(8 << 10)...(1 << 20)
        /// About a second of a small machine.
        static let standard = Cost(passes: 3, kibibytes: 256 << 10)

        var isWithinBounds: Bool { Self.passBounds ~= passes && Self.memoryBounds ~= kibibytes }
    }

    /// Whether these are the bytes of a sealed seed, as far as can be told without its passphrase.
    static func isSeed(_ file: UnsafeRawBufferPointer) -> Bool {
        file.count == seedSize && file.starts(with: magic + [Kind.seed.rawValue])
    }

    /// Whether the file at `path` begins like a sealed one, or cannot be read.
    static func mayBeOne(_ path: String) -> Bool {
        let begins = try? PrivateFile.read(path, atMost: sizeBound) { bytes throws(VaultError) in
            bytes.starts(with: magic.dropLast())
        }
        return begins ?? true
    }

    static func seal(
        _ secret: UnsafeRawBufferPointer, as kind: Kind, under passphrase: SecretText, cost: Cost = .standard
    ) throws(VaultError) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        let salt = (0..<saltSize).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let nonce = (0..<nonceSize).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        return try seal(secret, as: kind, under: passphrase, cost: cost, salt: salt, nonce: nonce)
    }

    /// The same with a salt and a nonce that are used for nothing else.
    static func seal(
        _ secret: UnsafeRawBufferPointer, as kind: Kind, under passphrase: SecretText, cost: Cost, salt: [UInt8],
        nonce: [UInt8]
    ) throws(VaultError) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(magic)
        writer.u8(kind.rawValue)
        writer.integer(cost.passes)
        writer.integer(cost.kibibytes)
        writer.raw(salt)
        writer.raw(nonce)
        let header = writer.bytes
        let key = try PassphraseSeal.key(of: passphrase, salt: salt, cost: cost)
        return header + PassphraseSeal.seal(secret, key: key, nonce: nonce, header: header)
    }

    /// Runs `use` with what is sealed in `file`, which is wiped afterwards. Asks for the passphrase of the file at `path`
    /// once the header is sound.
    static func open<R: ~Copyable>(
        _ file: UnsafeRawBufferPointer, at path: String, as kind: Kind, ask: SecretAsking?,
        _ use: (UnsafeRawBufferPointer) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        let header = try Header(file, kind)
        guard let passphrase = ask?(.passphrase(file: path)) else { throw .secretNeeded }
        let key = try PassphraseSeal.key(of: passphrase, salt: header.salt, cost: header.cost)
        let open = UnsafeRawBufferPointer(rebasing: file[..<headerSize])
        let sealed = UnsafeRawBufferPointer(rebasing: file[headerSize...])
        return try PassphraseSeal.open(sealed, key: key, nonce: header.nonce, header: open, use)
    }

    private struct Header {
        let cost: Cost
        let salt: [UInt8]
        let nonce: [UInt8]

        init(_ file: UnsafeRawBufferPointer, _ expected: Kind) throws(VaultError) {
            guard file.count >= headerSize + tagSize, file.starts(with: magic.dropLast()) else { throw .malformed }
            guard file.starts(with: magic) else { throw .unknownVersion }
            do {
                var reader = ByteReader(UnsafeRawBufferPointer(rebasing: file[magic.count..<headerSize]).bytes)
                guard Kind(rawValue: try reader.u8()) == expected else { throw VaultError.malformed }
                cost = Cost(passes: try reader.integer(UInt32.self), kibibytes: try reader.integer(UInt32.self))
                salt = try reader.bytes(saltSize)
                nonce = try reader.bytes(nonceSize)
            } catch {
                throw .malformed
            }
            guard cost.isWithinBounds else { throw .costOutOfBounds }
        }
    }
}
