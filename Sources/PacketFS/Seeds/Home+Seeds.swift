import PacketFSSecrets
import PacketFSStore
import PacketFSVault
import PacketFSWire

extension Home {
    /// The seeds of the peer of this name, or of all peers; of each peer the current one first.
    public func seeds(of name: String? = nil) throws -> [SeedInfo] {
        try explained {
            let peers = try name.map { [try record(named: $0)] } ?? store.peers()
            return try peers.flatMap { peer in
                try store.seeds(of: peer.party).enumerated().map { index, seed in
                    SeedInfo(
                        peer: peer.name, generation: seed.name.generation, state: index == 0 ? .current : .next,
                        vault: seed.vaultURI, fingerprint: try fingerprint(of: seed, of: peer))
                }
            }
        }
    }

    /// Moves a peer's seed to another vault and destroys it in the old one. Refused during a rotation, and out of a
    /// token, which gives no seed away. After a crash the seed is in one vault or in the other.
    public func moveSeed(of name: String, to keeping: SeedKeeping) throws {
        try explained {
            let peer = try record(named: name)
            try keeper.exclusively {
                let seed = try onlySeed(of: peer, to: "move it")
                let (uri, options) = try keeping.place(after: nil, site)
                guard uri.text != seed.vaultURI else { throw PacketFSError(.usage, "the seed is there already") }
                let key = try release(seed, of: peer)
                try keeper.put(key, at: uri, options, for: peer) { _, holder throws(StoreError) in
                    try store.move(seed, to: uri.text, in: holder)
                }
            }
        }
    }

    /// Destroys all seeds of a peer at once: it is refused from now on, and sessions that are open end within seconds.
    /// Its entry and its blob stay, for a new seed that is made with `rotateSeed`. Returns how many seeds there were.
    @discardableResult
    public func revokeSeeds(of name: String) throws -> Int {
        try explained {
            let peer = try record(named: name)
            let vaults = try store.seeds(of: peer.party).map(\.vaultURI)
            try seedGate.pass(.record)
            let count = try store.revokeSeeds(of: peer.party)
            forgetKeys(but: try store.seeds())
            keeper.sweepIfFree(askingFor: vaults)
            return count
        }
    }

    /// Destroys what is no longer used and could not be destroyed yet, such as in a token that was not plugged in, or whose
    /// PIN nobody gave; `asking` for that if need be. Returns the vaults in which something is left all the same.
    public func destroyAbandonedSeeds(asking: Bool = false) throws -> [String] {
        try explained {
            let vaults = try store.abandonedPlaces().map(\.vaultURI)
            if !vaults.isEmpty { keeper.sweepIfFree(askingFor: asking ? vaults : []) }
            return try store.abandonedPlaces().map(\.vaultURI)
        }
    }

    /// The seed itself, out of its vault. Throws `state` if that has another one.
    func release(_ seed: SeedRecord, of peer: PeerRecord) throws -> SecretKey<Seed> {
        let key = try site.place(VaultURI(seed.vaultURI)).release()
        try require(Fingerprint(of: key, between: peer.own, and: peer.party), of: seed, peer)
        return key
    }

    /// Whether a seed is not in its place. Throws what else keeps it from being seen there, and `state` if another one is.
    func isLost(_ seed: SeedRecord, of peer: PeerRecord) throws -> Bool {
        do {
            let vault = try site.place(VaultURI(seed.vaultURI)).open()
            try require(Fingerprint(of: vault, between: peer.own, and: peer.party), of: seed, peer)
            return false
        } catch let error as VaultError where [.notFound, .expired].contains(error) {
            return true
        }
    }

    private func require(_ found: Fingerprint, of seed: SeedRecord, _ peer: PeerRecord) throws {
        guard try found.description == fingerprint(of: seed, of: peer) else {
            throw PacketFSError(.state, "what is in the vault is not this peer's seed")
        }
    }

    /// The one seed of a peer; throws `refused` during a rotation.
    func onlySeed(of peer: PeerRecord, to purpose: String) throws -> SeedRecord {
        let seeds = try store.seeds(of: peer.party)
        guard let seed = seeds.first else { throw PacketFSError(revokedSeedOf: peer) }
        guard seeds.count == 1 else {
            throw PacketFSError(
                .refused, "a rotation of the seed of \(peer.name) is under way",
                hint: "finish it with a transfer, or `packetfs seed rotate \(peer.name) --cancel`, to \(purpose)")
        }
        return seed
    }
}

extension PacketFSError {
    init(revokedSeedOf peer: PeerRecord) {
        self.init(
            .peer, "the seed of \(peer.name) was revoked", hint: "packetfs seed rotate \(peer.name) --export FILE")
    }
}
