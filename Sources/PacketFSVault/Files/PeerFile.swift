package import PacketFSSecrets
package import PacketFSWire

/// What one party hands to the other so that both hold a seed (`Specs/seeds.md` §4.3). Whoever reads it can be either
/// of them: it travels on a medium that both trust, and is destroyed once imported.
package struct PeerFile: ~Copyable, Sendable {
    package let seed: SecretKey<Seed>
    /// Which seed of the two parties it is.
    package let name: SeedName
    /// The party that made the file.
    package let exporter: PartyID
    /// The id that the reader of the file has towards the exporter.
    package let importer: PartyID
    /// False only if both agreed to do without ML-KEM.
    package let usesMLKEM: Bool
    /// What the exporter calls itself, 1 to 255 bytes of UTF-8.
    package let host: String
    /// Where the exporter listens, as `host:port`, at most 255 bytes; empty if that is left open.
    package let address: String

    /// - Throws: `sameParties`; `malformed` if the name is empty or too long, or the address is too long.
    package init(
        seed: consuming SecretKey<Seed>, name: SeedName, exporter: PartyID, importer: PartyID, usesMLKEM: Bool = true,
        host: String, address: String = ""
    ) throws(VaultError) {
        guard exporter != importer else { throw .sameParties }
        guard name.generation <= SeedName.generationBound else { throw .malformed }
        guard (1...PeerFileLayout.hostBound).contains(host.utf8.count),
            address.utf8.count <= PeerFileLayout.addressBound
        else { throw .malformed }
        self.seed = seed
        self.name = name
        self.exporter = exporter
        self.importer = importer
        self.usesMLKEM = usesMLKEM
        self.host = host
        self.address = address
    }

    /// Reads the file at `path`, which must be private like a seed file.
    package init(reading path: String) throws(VaultError) {
        self = try PrivateFile.read(path, atMost: PeerFileLayout.sizeBound) { bytes throws(VaultError) in
            try PeerFile(decoding: bytes)
        }
    }

    /// Writes a new file of mode 0600.
    package borrowing func write(to path: String) throws(VaultError) {
        try withEncoded { bytes throws(VaultError) in try PrivateFile.create(path, contents: bytes) }
    }

    /// Reads a backup at `path`, asking for the passphrase that it is sealed with.
    package init(restoring path: String, ask: SecretAsking?) throws(VaultError) {
        self = try PrivateFile.read(path, atMost: SealedFile.sizeBound) { file throws(VaultError) -> PeerFile in
            try SealedFile.open(file, at: path, as: .backup, ask: ask, PeerFile.init(decoding:))
        }
    }

    /// Writes a new file of mode 0600 that a new passphrase seals.
    package borrowing func backUp(to path: String, ask: SecretAsking?) throws(VaultError) {
        guard try !PrivateFile.exists(path) else { throw .alreadyExists }
        guard let text = ask?(.newPassphrase(file: path)), !text.isEmpty else { throw .secretNeeded }
        let sealed = try withEncoded { bytes throws(VaultError) in
            try SealedFile.seal(bytes, as: .backup, under: text)
        }
        try sealed.span.bytes.withUnsafeBytes { bytes throws(VaultError) in
            try PrivateFile.create(path, contents: bytes)
        }
    }

    /// Throws what would keep `destroy` from its work, as far as that can be known before.
    package static func requireDestroyable(_ path: String) throws(VaultError) {
        try PrivateFile.requireDestroyable(path)
    }

    /// Overwrites and removes the file at `path`.
    package static func destroy(_ path: String) throws(VaultError) {
        try PrivateFile.destroy(path)
    }
}

/// magic (8), seed (32), generation (4), seed id (16), exporter (16), importer (16), ML-KEM (1), host length (1), host,
/// address length (1), address, check (16).
enum PeerFileLayout {
    static let magic = Array("PFSPEER".utf8) + [1]
    static let hostBound = 255
    static let addressBound = 255
    static let checkSize = 16
    static let seedEnd = magic.count + SecretKey<Seed>.byteCount
    static let fixedSize = seedEnd + 4 + SeedID.byteCount + 2 * PartyID.byteCount + 3 + checkSize
    static let sizeBound = fixedSize + hostBound + addressBound
}

extension PeerFile {
    init(decoding bytes: UnsafeRawBufferPointer) throws(VaultError) {
        let layout = PeerFileLayout.self
        guard bytes.count >= layout.fixedSize, bytes.starts(with: layout.magic.dropLast()) else { throw .malformed }
        guard bytes.starts(with: layout.magic) else { throw .unknownVersion }
        // The seed goes from the buffer into locked memory, and nowhere else.
        let seed = SecretKey<Seed>(
            copying: UnsafeRawBufferPointer(rebasing: bytes[layout.magic.count..<layout.seedEnd]))
        let open = UnsafeRawBufferPointer(rebasing: bytes[layout.seedEnd...])
        let body = try Body(open)
        let check = Self.check(body, seed: seed)
        guard SecretBytes.areEqual(check, body.check) else { throw .malformed }
        try self.init(
            seed: seed, name: body.name, exporter: body.exporter, importer: body.importer, usesMLKEM: body.usesMLKEM,
            host: body.host, address: body.address)
    }

    borrowing func withEncoded<R>(_ use: (UnsafeRawBufferPointer) throws(VaultError) -> R) throws(VaultError) -> R {
        let layout = PeerFileLayout.self
        var body = Body(
            name: name, exporter: exporter, importer: importer, usesMLKEM: usesMLKEM, host: host, address: address)
        body.check = Self.check(body, seed: seed)
        let open = body.encoded
        return try SecretBytes.withTemporary(layout.seedEnd + open.count) { bytes throws(VaultError) in
            bytes.copyBytes(from: layout.magic)
            seed.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: bytes[layout.magic.count...]).copyBytes(from: $0)
            }
            UnsafeMutableRawBufferPointer(rebasing: bytes[layout.seedEnd...]).copyBytes(from: open)
            return try use(UnsafeRawBufferPointer(bytes))
        }
    }

    private static func check(_ body: Body, seed: borrowing SecretKey<Seed>) -> [UInt8] {
        seed.hmac(.peerFile, fields: body.fields).withUnsafeBytes { Array($0.prefix(PeerFileLayout.checkSize)) }
    }

    /// What follows the seed.
    private struct Body {
        let name: SeedName
        let exporter: PartyID
        let importer: PartyID
        let usesMLKEM: Bool
        let host: String
        let address: String
        var check: [UInt8] = []

        init(
            name: SeedName, exporter: PartyID, importer: PartyID, usesMLKEM: Bool, host: String, address: String
        ) {
            self.name = name
            self.exporter = exporter
            self.importer = importer
            self.usesMLKEM = usesMLKEM
            self.host = host
            self.address = address
        }

        init(_ bytes: UnsafeRawBufferPointer) throws(VaultError) {
            do {
                var reader = ByteReader(bytes.bytes)
                name = SeedName(
                    generation: try reader.integer(UInt32.self), id: try reader.identifier(SeedID.self))
                exporter = try reader.identifier(PartyID.self)
                importer = try reader.identifier(PartyID.self)
                usesMLKEM = try reader.flag()
                host = try Self.text(&reader)
                address = try Self.text(&reader)
                check = try reader.bytes(PeerFileLayout.checkSize)
                try reader.finish()
            } catch {
                throw .malformed
            }
        }

        private static func text(_ reader: inout ByteReader) throws(WireError) -> String {
            let bytes = try reader.bytes(Int(try reader.u8()))
            guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText }
            return text
        }

        var fields: [[UInt8]] {
            [
                name.encoded, exporter.bytes, importer.bytes, [usesMLKEM ? 1 : 0], Array(host.utf8),
                Array(address.utf8),
            ]
        }

        var encoded: [UInt8] {
            var writer = ByteWriter()
            writer.raw(name.encoded)
            writer.identifier(exporter)
            writer.identifier(importer)
            writer.flag(usesMLKEM)
            for text in [host, address] {
                writer.u8(UInt8(text.utf8.count))
                writer.raw(text.utf8)
            }
            writer.raw(check)
            return writer.bytes
        }
    }
}
