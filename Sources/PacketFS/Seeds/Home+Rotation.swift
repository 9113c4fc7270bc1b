import Glibc
import PacketFSSecrets
import PacketFSStore
import PacketFSVault
import PacketFSWire

extension Home {
    /// Draws a new seed for a peer and writes it to a new file of mode 0600, for the peer to take in. Until both have
    /// had a session under the new seed, both go on with either (`Specs/seeds.md` §5).
    public func rotateSeed(of name: String, exportingTo file: String, keeping: SeedKeeping = SeedKeeping()) throws {
        try explained {
            let peer = try record(named: name)
            let export = SeedFileUse(file, .made)
            try export.naming { guard access(file, F_OK) != 0 else { throw VaultError.alreadyExists } }
            try keeper.exclusively {
                let known = try store.seeds(of: peer.party)
                let generation = max(
                    try store.seedFloor(of: peer.party), (known.last?.name.generation).map { $0 + 1 } ?? 0)
                guard generation <= SeedName.generationBound else { throw StoreError.tooManySeeds }
                let seedName = SeedName(generation: generation, id: .random())
                var random = SystemRandomNumberGenerator()
                let seed = SecretKey<Seed>.random(using: &random)
                let record = try keep(seed, seedName, of: peer, after: known.last, keeping)
                try seedGate.pass(.export)
                do {
                    let peerFile = try PeerFile(
                        seed: seed.copy(), name: seedName, exporter: peer.own, importer: peer.party,
                        usesMLKEM: peer.requiresPostQuantum, host: Self.hostName)
                    try export.naming { try peerFile.write(to: file) }
                } catch {
                    try store.withdraw(record)
                    throw error
                }
            }
        }
    }

    /// Takes in the file that `rotateSeed` wrote on the peer's machine, and destroys it unless `keepsFile`; `leaving` is
    /// as with `importPeer`. Doing it twice is as good as once; a seed that its place has lost goes to a new one.
    public func importRotation(
        of name: String, from file: String, keeping: SeedKeeping = SeedKeeping(), keepsFile: Bool = false,
        leaving: (PacketFSError) throws -> Void = { throw $0 }
    ) throws {
        try explained {
            let peer = try record(named: name)
            let carried = CarriedSeed(file: file, isKept: keepsFile)
            let peerFile = try carried.read()
            guard peerFile.exporter == peer.party, peerFile.importer == peer.own else {
                throw PacketFSError(.peer, "that file is not for our entry of \(name)")
            }
            try keeper.exclusively {
                let known = try store.seeds(of: peer.party)
                guard let seed = known.first(where: { $0.name == peerFile.name }) else {
                    _ = try keep(peerFile.seed, peerFile.name, of: peer, after: known.last, keeping)
                    return
                }
                if try isLost(seed, of: peer) { try putBack(peerFile.seed, as: seed, of: peer, keeping) }
            }
            try carried.destroy(seedGate, leaving)
        }
    }

    /// Gives up a rotation, and destroys the new seed. Refused once the peer may have given up the old one.
    public func cancelRotation(of name: String) throws {
        try explained {
            let peer = try record(named: name)
            let vaults = try store.seeds(of: peer.party).map(\.vaultURI)
            try seedGate.pass(.record)
            do {
                try store.withdrawNewSeeds(of: peer.party)
            } catch StoreError.noRotation {
                throw PacketFSError(.usage, "no rotation of \(name) is under way", hint: "see `packetfs seed list`")
            }
            forgetKeys(but: try store.seeds())
            keeper.sweepIfFree(askingFor: vaults)
        }
    }

    /// Puts another seed of a peer into a vault, and records it.
    func keep(
        _ seed: borrowing SecretKey<Seed>, _ name: SeedName, of peer: PeerRecord, after last: SeedRecord?,
        _ keeping: SeedKeeping
    ) throws -> SeedRecord {
        let (uri, options) = try keeping.place(after: last, site)
        var record = SeedRecord(party: peer.party, name: name, vaultURI: uri.text)
        try keeper.put(seed, at: uri, options, for: peer) { fingerprint, holder throws(StoreError) in
            record.fingerprint = fingerprint
            record.holder = holder
            try store.add(record)
        }
        return record
    }

    /// We are about to use this seed towards the peer, which then knows that we have it.
    func offer(_ seed: SeedRecord) throws {
        guard !seed.isOffered else { return }
        try seedGate.pass(.record)
        try store.markOffered(seed)
    }

    /// The peer is known to have this seed: older ones are destroyed. Throws if it was revoked meanwhile.
    func settle(_ seed: SeedRecord) throws {
        try seedGate.pass(.record)
        guard try store.settle(seed) else { return }
        forgetKeys(but: try store.seeds())
        keeper.sweepIfFree()
    }

    /// Whether the seed was revoked, or its peer is removed: a session under it must end, whatever seeds came after it.
    func isRevoked(_ seed: SeedRecord) -> Bool {
        do {
            if try store.seeds(of: seed.party).isEmpty { return true }
            return try seed.name.generation < store.seedFloor(of: seed.party)
        } catch {
            return error == .unknownPeer
        }
    }
}
