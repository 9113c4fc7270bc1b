import PacketFSSecrets
import PacketFSStore
import PacketFSVault
import PacketFSWire

extension Home {
    /// Writes a peer's seed, and who the two parties are, to a new file that a passphrase seals. Refused during a
    /// rotation, and for a seed in a token, which does not give it away.
    public func backUpSeed(of name: String, to file: String) throws {
        try explained {
            let peer = try record(named: name)
            let seed = try onlySeed(of: peer, to: "back it up")
            let key = try release(seed, of: peer)
            // As if the peer had exported it to us: what takes it in is what we are.
            let backup = try PeerFile(
                seed: key, name: seed.name, exporter: peer.party, importer: peer.own,
                usesMLKEM: peer.requiresPostQuantum, host: peer.name, address: peer.address ?? "")
            try keeper.exclusively {
                try seedGate.pass(.export)
                try SeedFileUse(file, .made).naming {
                    try backup.backUp(to: file, ask: answering.map(SecretAdapter.asking))
                }
            }
        }
    }

    /// Takes a seed back out of the file that `backUpSeed` wrote: for an entry whose seed is lost, or, where there is no
    /// entry of that peer, with a new one. Refused for a seed that is in its place, is older than the current one, or
    /// was revoked. The file stays.
    public func restoreSeed(
        from file: String, as name: String? = nil, grants: [Grant] = [], keeping: SeedKeeping = SeedKeeping()
    ) throws -> Peer {
        try explained {
            let backup = try SeedFileUse(file, .read).naming {
                try PeerFile(restoring: file, ask: answering.map(SecretAdapter.asking))
            }
            guard let peer = try store.peer(backup.exporter) else {
                return try add(backup, as: name, address: nil, grants: grants, keeping)
            }
            guard peer.own == backup.importer, name == nil || name == peer.name else {
                throw PacketFSError(.peer, "the backup is of the peer \(peer.name)")
            }
            try keeper.exclusively { try restore(backup, of: peer, keeping) }
            return try self.peer(peer)
        }
    }

    private func restore(_ backup: borrowing PeerFile, of peer: PeerRecord, _ keeping: SeedKeeping) throws {
        let known = try store.seeds(of: peer.party)
        let name = backup.name
        guard let lost = known.first(where: { $0.name == name }) else {
            _ = try keep(backup.seed, backup.name, of: peer, after: nil, keeping)
            return
        }
        guard (try? silentSite.place(VaultURI(lost.vaultURI)).open()) == nil else {
            throw PacketFSError(.refused, "the seed of \(peer.name) is in its place", hint: "see `packetfs seed list`")
        }
        try putBack(backup.seed, as: lost, of: peer, keeping)
    }

    /// Puts a seed that its place has lost to a new one.
    func putBack(
        _ seed: borrowing SecretKey<Seed>, as lost: SeedRecord, of peer: PeerRecord, _ keeping: SeedKeeping
    ) throws {
        let (uri, options) = try keeping.place(after: nil, site)
        try keeper.put(seed, at: uri, options, for: peer) { _, holder throws(StoreError) in
            try store.move(lost, to: uri.text, in: holder)
        }
        forgetKeys(but: try store.seeds().filter { $0.name != lost.name })
    }
}
