internal import PacketFSSecrets

/// A seed that systemd passes to a service as a credential. Only systemd puts it there and takes it away.
struct CredentialPlace: SeedPlace {
    let name: String
    let folder: String?
    /// The new file that the seed is written to, for `systemd-creds encrypt` or a folder of credentials.
    let outlet: String?

    func open() throws(VaultError) -> any Vault {
        HeldSeed(try release())
    }

    func release() throws(VaultError) -> SecretKey<Seed> {
        guard let folder else { throw .noCredentials }
        return try PrivateFile.readCredential("\(folder)/\(name)", atMost: SeedFile.size) { bytes throws(VaultError) in
            try SeedFile.decode(bytes)
        }
    }

    func keep(_ seed: borrowing SecretKey<Seed>) throws(VaultError) -> any Vault {
        guard let outlet else { throw .notOurs }
        try SeedFile.withEncoded(seed) { bytes throws(VaultError) in try PrivateFile.create(outlet, contents: bytes) }
        return HeldSeed(seed.copy())
    }

    /// Whether the file is there that the seed would be written to: the credential itself comes later.
    func isTaken() throws(VaultError) -> Bool {
        guard let outlet else { throw .notOurs }
        return try PrivateFile.exists(outlet)
    }

    func holder() throws(VaultError) -> String? { nil }

    /// Destroys what `keep` wrote, if that was by this value; the credential is for whoever manages the service.
    func destroy(if isMeant: SeedTest) throws(VaultError) {
        if let outlet { try FilePlace(path: outlet, sealing: .modeAlone, ask: nil).destroy(if: isMeant) }
    }
}
