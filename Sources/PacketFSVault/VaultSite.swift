/// What the URIs of vaults mean to one home in one process.
package struct VaultSite: Sendable {
    /// The folder of `file:` names that are not absolute.
    private let seeds: String
    /// The folder of credentials, if systemd passed any.
    private let credentials: String?
    private let ask: SecretAsking?

    package init(seeds: String, credentials: String?, ask: SecretAsking?) {
        self.seeds = seeds
        self.credentials = credentials
        self.ask = ask
    }

    /// The place of a URI.
    package func place(_ uri: VaultURI, _ options: KeepingOptions = KeepingOptions()) -> any SeedPlace {
        switch uri {
        case .file(let name):
            FilePlace(path: path(of: name), sealing: options.sealing, ask: ask, isInHome: !name.hasPrefix("/"))
        case .keyring(let ring, let name):
            KeyringPlace(ring: ring, name: name, seconds: options.seconds)
        case .token(let uri):
            TokenPlace(uri: uri, ask: ask)
        case .credential(let name):
            CredentialPlace(name: name, folder: credentials, outlet: options.outlet)
        }
    }

    /// Whether the URIs name one and the same seed, as far as that shows without a secret: a file has many paths, and a key
    /// many spellings.
    package func isSame(_ one: VaultURI, _ other: VaultURI) -> Bool {
        switch (one, other) {
        case (.file(let one), .file(let other)): PrivateFile.isSame(path(of: one), path(of: other))
        case (.token(let one), .token(let other)): (try? TokenPlace.isSame(one, other)) ?? false
        default: one == other
        }
    }

    /// The file that a seed is written to which goes to this URI, if it goes into one.
    package func file(of uri: VaultURI, _ options: KeepingOptions) -> String? {
        switch uri {
        case .file(let name): path(of: name)
        case .credential: options.outlet
        case .keyring, .token: nil
        }
    }

    /// Whether the `file:` seed at this URI is sealed with a passphrase, or may be, for its file cannot be read.
    package func isSealed(_ uri: VaultURI) -> Bool {
        guard case .file(let name) = uri else { return false }
        return SealedFile.mayBeOne(path(of: name))
    }

    private func path(of name: String) -> String {
        name.hasPrefix("/") ? name : seeds + "/" + name
    }
}

/// How a seed is kept in a new place, beyond what the URI says.
package struct KeepingOptions: Equatable, Sendable {
    /// What protects a seed in a file.
    package enum Sealing: Equatable, Sendable {
        /// A passphrase.
        case passphrase
        /// Its mode, 0600, alone.
        case modeAlone
        /// A passphrase, unless there is nobody to ask for one, or the answer is empty.
        case asAnswered
    }

    package var sealing = Sealing.modeAlone
    /// Seconds after which the kernel forgets the key of a keyring; 0 for never.
    package var seconds: UInt32 = 0
    /// The file that a seed is written to which systemd will pass as a credential.
    package var outlet: String?

    package init() {}
}
