import PacketFSStore
import PacketFSVault

/// A seed, and where it lies.
struct LockedSeed: Sendable {
    let record: SeedRecord
    let peer: PeerRecord
    let place: any SeedPlace
    /// Whether it may be gone at any moment.
    let isInKeyring: Bool

    init(_ record: SeedRecord, of peer: PeerRecord, _ site: VaultSite) throws(VaultError) {
        let uri = try VaultURI(record.vaultURI)
        self.record = record
        self.peer = peer
        place = site.place(uri)
        isInKeyring = if case .keyring = uri { true } else { false }
    }
}

/// The seeds that a server may answer to, as the store has them. Any stranger can have them looked at, as often as it
/// likes: so they are read again only when the store has changed, and a vault that stays closed is not knocked at each time.
struct AnswerableSeeds: Sendable {
    /// Until a closed vault is tried again; one in the keyring always is, since that costs nothing.
    private static let rest = Duration.seconds(1)

    let version: StoreVersion
    private(set) var seeds: [LockedSeed]
    private var closed: [SeedKey: ContinuousClock.Instant] = [:]

    init(version: StoreVersion, seeds: [LockedSeed]) {
        self.version = version
        self.seeds = seeds
    }

    /// Those that `open` opens. `isKnown`: whether the keys of a seed are at hand, so that no vault is asked.
    mutating func opened(
        isKnown: (SeedKey) -> Bool, _ open: (LockedSeed) throws -> UnlockedSeed
    ) -> [UnlockedSeed] {
        let now = ContinuousClock.now
        return seeds.compactMap { seed in
            let key = SeedKey(seed.record)
            if !isKnown(key), let since = closed[key], now < since + Self.rest { return nil }
            let unlocked = try? open(seed)
            closed[key] = unlocked == nil && !seed.isInKeyring ? now : nil
            return unlocked
        }
    }
}
