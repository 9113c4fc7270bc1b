import PacketFSStore
import PacketFSVault

/// Where and how a seed is to be kept.
public struct SeedKeeping: Sendable, Equatable {
    /// What protects a seed in a file.
    public enum Protection: Sendable, Equatable {
        /// A passphrase, which is asked for.
        case passphrase
        /// The mode of the file, 0600, alone.
        case modeAlone
    }

    /// The vault: `file:…`, `keyring:…`, `pkcs11:…` or `credential:…` (`Specs/seeds.md` §3). `nil` for a place like that
    /// of the seed before it, or for a file of the home.
    public var uri: String?
    /// For `file:` alone. `nil` for that of the seed before it where the new one goes beside it, else for a passphrase,
    /// unless there is nobody to ask for one, or the answer is empty.
    public var protection: Protection?
    /// Seconds after which the kernel forgets a key of a `keyring:`; 0 for never, also if the seed before it had some.
    public var seconds: UInt32 = 0
    /// For `credential:`, the new file that the seed is written to.
    public var credentialFile: String?

    /// A place like that of the seed before it, or a file of the home.
    public init(uri: String? = nil) {
        self.uri = uri
    }

    var options: KeepingOptions {
        var options = KeepingOptions()
        options.seconds = seconds
        options.outlet = credentialFile
        options.sealing =
            switch protection {
            case .passphrase: .passphrase
            case .modeAlone: .modeAlone
            case nil: .asAnswered
            }
        return options
    }
}

/// One seed of a peer. There is nothing secret in it.
public struct SeedInfo: Sendable, Equatable {
    /// What the seed is used for.
    public enum State: String, Sendable {
        /// The one that both ends are known to have.
        case current
        /// A new one, from a rotation that is not over.
        case next
    }

    /// The peer's name.
    public var peer: String
    /// 0 for the first; each rotation draws the next.
    public var generation: UInt32
    /// Whether it is in use, or comes next.
    public var state: State
    /// Where it is.
    public var vault: String
    /// For people to compare.
    public var fingerprint: String
}
