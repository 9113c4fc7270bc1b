internal import PacketFSSecrets

/// A seed in a file of mode 0600, sealed with a passphrase or not.
struct FilePlace: SeedPlace {
    let path: String
    let sealing: KeepingOptions.Sealing
    let ask: SecretAsking?
    /// What sealing a new file costs.
    var cost = SealedFile.Cost.standard
    /// In the home's own folder of seeds, which nothing else is ever mounted on, and which may be moved with the home.
    var isInHome = false

    func open() throws(VaultError) -> any Vault {
        HeldSeed(try release())
    }

    func release() throws(VaultError) -> SecretKey<Seed> {
        try PrivateFile.read(path, atMost: SealedFile.sizeBound) { bytes throws(VaultError) -> SecretKey<Seed> in
            guard bytes.starts(with: SealedFile.magic.dropLast()) else { return try SeedFile.decode(bytes) }
            return try SealedFile.open(bytes, at: path, as: .seed, ask: ask, Self.seed)
        }
    }

    func keep(_ seed: borrowing SecretKey<Seed>) throws(VaultError) -> any Vault {
        if let passphrase = try passphrase() {
            let sealed = try seed.withUnsafeBytes { bytes throws(VaultError) in
                try SealedFile.seal(bytes, as: .seed, under: passphrase, cost: cost)
            }
            try sealed.span.bytes.withUnsafeBytes { bytes throws(VaultError) in
                try PrivateFile.create(path, contents: bytes)
            }
        } else {
            try SeedFile.withEncoded(seed) { bytes throws(VaultError) in try PrivateFile.create(path, contents: bytes) }
        }
        return HeldSeed(seed.copy())
    }

    func isTaken() throws(VaultError) -> Bool {
        try PrivateFile.exists(path)
    }

    /// On flash memory and copy-on-write file systems the old bytes may outlive the overwriting.
    func destroy(if isMeant: SeedTest) throws(VaultError) {
        do throws(VaultError) {
            try PrivateFile.destroy(path, atMost: SealedFile.seedSize) { bytes throws(VaultError) in
                guard try Self.holds(bytes, isMeant) else { throw .notFound }
            }
        } catch .malformed {
            throw .notFound
        }
    }

    /// Whether this is the seed, or may be: sealed, or the zeros of a destruction that was interrupted.
    private static func holds(_ bytes: UnsafeRawBufferPointer, _ isMeant: SeedTest) throws(VaultError) -> Bool {
        if SealedFile.isSeed(bytes) { return true }
        if [SeedFile.size, SealedFile.seedSize].contains(bytes.count), bytes.allSatisfy({ $0 == 0 }) { return true }
        return try isMeant(HeldSeed(SeedFile.decode(bytes)))
    }

    func holder() throws(VaultError) -> String? {
        try isInHome ? nil : PrivateFile.identityOfFolder(of: path)
    }

    private static func seed(_ bytes: UnsafeRawBufferPointer) throws(VaultError) -> SecretKey<Seed> {
        guard bytes.count == SecretKey<Seed>.byteCount else { throw .malformed }
        return SecretKey(copying: bytes)
    }

    /// `nil` if the file is to stay unsealed.
    private func passphrase() throws(VaultError) -> SecretText? {
        switch sealing {
        case .modeAlone: return nil
        case .passphrase: return try answer(to: .newPassphrase(file: path))
        case .asAnswered:
            guard let ask else { return nil }
            guard let text = ask(.optionalPassphrase(file: path)) else { throw .secretNeeded }
            return text.isEmpty ? nil : text
        }
    }

    private func answer(to question: SecretQuestion) throws(VaultError) -> SecretText {
        guard let text = ask?(question), !text.isEmpty else { throw .secretNeeded }
        return text
    }
}
