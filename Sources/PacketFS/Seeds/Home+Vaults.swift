import Foundation
import PacketFSChannel
import PacketFSSecrets
import PacketFSStore
import PacketFSVault
import PacketFSWire
import Synchronization

/// A seed, and the keys of handshakes under it.
struct UnlockedSeed: Sendable {
    let record: SeedRecord
    let keys: PeerCredentials
}

extension Home {
    var seedFolder: String { location.state + "/seeds" }

    /// The vaults; those that need a secret ask for it.
    var site: VaultSite { site(asking: answering.map(SecretAdapter.asking)) }

    /// The vaults, of which those that need a secret stay closed: for when nobody waits for a question.
    var silentSite: VaultSite { site(asking: nil) }

    private func site(asking ask: SecretAsking?) -> VaultSite {
        let credentials = getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) }
        return VaultSite(seeds: seedFolder, credentials: credentials, ask: ask)
    }

    var keeper: SeedKeeper {
        SeedKeeper(store: store, site: site, silentSite: silentSite, gate: seedGate, folder: seedFolder)
    }

    /// Opens every seed, asking where that is needed, so that a server need not. Returns what could not be opened, by
    /// the name of the peer.
    func unlockAll() throws -> [(peer: String, error: PacketFSError)] {
        var failures: [(String, PacketFSError)] = []
        for peer in try store.peers() {
            for seed in try store.seeds(of: peer.party) {
                do {
                    _ = try unlock(LockedSeed(seed, of: peer, site))
                } catch {
                    failures.append((peer.name, PacketFSError(explaining: error)))
                }
            }
        }
        return failures
    }

    /// The seeds that a handshake with the peer may be made under, newest first. One that its vault has lost keeps no
    /// other from being used. Throws `peer` if they were revoked.
    func unlockedSeeds(of peer: PeerRecord) throws -> [UnlockedSeed] {
        var lost: VaultError?
        var seeds: [UnlockedSeed] = []
        for seed in try store.seeds(of: peer.party).reversed() {
            do {
                seeds.append(try unlock(LockedSeed(seed, of: peer, site)))
            } catch let error as VaultError where [.expired, .notFound, .unreachable].contains(error) {
                lost = error
            }
        }
        if seeds.isEmpty, let lost { throw lost }
        guard !seeds.isEmpty else { throw PacketFSError(revokedSeedOf: peer) }
        return seeds
    }

    /// What a server answers to: every seed that is open, or opens without a question. Keys of seeds that are gone are
    /// wiped.
    func answerableSeeds() throws -> [UnlockedSeed] {
        try answerable.withLock { known in
            // What is read after its version may be newer, and is then read again.
            let version = try store.version()
            var seeds = if let known, known.version == version { known } else { try readAnswerable(version) }
            defer { known = seeds }
            return seeds.opened(isKnown: { key in unlocked.withLock { $0[key] != nil } }, unlock)
        }
    }

    private func readAnswerable(_ version: StoreVersion) throws -> AnswerableSeeds {
        let seeds = try store.seeds()
        let peers = Dictionary(uniqueKeysWithValues: try store.peers().map { ($0.party, $0) })
        forgetKeys(but: seeds)
        let site = silentSite
        return AnswerableSeeds(
            version: version,
            seeds: seeds.compactMap { seed in peers[seed.party].flatMap { try? LockedSeed(seed, of: $0, site) } })
    }

    /// Keys are derived once for each seed, and forgotten when the kernel has forgotten the seed.
    private func unlock(_ seed: LockedSeed) throws -> UnlockedSeed {
        let key = SeedKey(seed.record)
        if seed.isInKeyring, try !seed.place.isTaken() { _ = unlocked.withLock { $0.removeValue(forKey: key) } }
        if let known = unlocked.withLock({ $0[key] }) { return UnlockedSeed(record: seed.record, keys: known) }
        let (vault, peer) = (try seed.place.open(), seed.peer)
        let derived = try PeerCredentials(
            own: peer.own, peer: peer.party, exchange: peer.requiresPostQuantum ? .hybrid : .classical, seed: vault)
        let keys = try derived.orThrow(.state, "the peer's entry names us on both sides")
        unlocked.withLock { $0[key] = keys }
        return UnlockedSeed(record: seed.record, keys: keys)
    }

    func forgetKeys(but seeds: [SeedRecord]) {
        let kept = Set(seeds.map { SeedKey($0) })
        unlocked.withLock { $0 = $0.filter { kept.contains($0.key) } }
    }

    /// The fingerprint as it was recorded, or out of the vault where it was not yet.
    func fingerprint(of seed: SeedRecord, of peer: PeerRecord) throws -> String {
        if let known = seed.fingerprint { return known }
        let vault = try site.place(VaultURI(seed.vaultURI)).open()
        let text = try Fingerprint(of: vault, between: peer.own, and: peer.party).description
        try store.saveFingerprint(text, of: seed)
        return text
    }
}

/// Names one seed of the home.
struct SeedKey: Hashable {
    private let party: PartyID
    private let name: SeedName

    init(_ seed: SeedRecord) {
        party = seed.party
        name = seed.name
    }
}

extension SeedKeeping {
    /// Where a seed goes: where the caller says, else beside the seed before it, else into a file of the home. Names that
    /// are not given are drawn at random. Throws `usage` for a time where none is kept.
    func place(after last: SeedRecord?, _ site: VaultSite) throws -> (uri: VaultURI, options: KeepingOptions) {
        let place = try anyPlace(after: last, site)
        if case .keyring = place.uri { return place }
        guard seconds == 0 else { throw PacketFSError(.usage, "only a key of a keyring: is forgotten after a time") }
        return place
    }

    private func anyPlace(
        after last: SeedRecord?, _ site: VaultSite
    ) throws -> (uri: VaultURI, options: KeepingOptions) {
        let name = SeedID.random().bytes.hexadecimal
        switch uri {
        case nil: return try place(after: last, named: name, site)
        case "file:": return (.file(name + ".seed"), options)
        case "keyring:user": return (.keyring(.user, "packetfs-" + name), options)
        case "keyring:session": return (.keyring(.session, "packetfs-" + name), options)
        case let uri?: return (try VaultURI(uri), options)
        }
    }

    private func place(
        after last: SeedRecord?, named name: String, _ site: VaultSite
    ) throws -> (uri: VaultURI, options: KeepingOptions) {
        guard let last else { return (.file(name + ".seed"), options) }
        var options = options
        let uri = try VaultURI(last.vaultURI)
        switch uri {
        case .file(let path):
            if protection == nil { options.sealing = site.isSealed(uri) ? .passphrase : .modeAlone }
            let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
            return (.file(folder + name + ".seed"), options)
        case .keyring(let ring, _): return (.keyring(ring, "packetfs-" + name), options)
        case .token(let text): return (.token(try TokenURI.sibling(of: text, labelled: "packetfs-" + name)), options)
        case .credential:
            throw PacketFSError(
                .usage, "a credential is systemd's to give", hint: "say where the new seed goes, with --vault")
        }
    }
}
