import Glibc
import PacketFSChannel
import PacketFSSecrets
import PacketFSStore
import PacketFSTransport
import PacketFSVault
import PacketFSWire

extension Home {
    /// The peers, by name.
    public func peers() throws -> [Peer] {
        try explained { try store.peers().map(peer) }
    }

    /// Draws a seed for a new peer and writes the peer's half of it to a new file of mode 0600, to be carried there by
    /// a safe way and imported once. `reachedAt` tells the peer where we listen, as `host:port`.
    public func newPeer(
        _ name: String, exportingTo file: String, reachedAt: String? = nil, address: String? = nil,
        grants: [Grant] = [], suite: Suite = .aes256gcm, keeping: SeedKeeping = SeedKeeping()
    ) throws -> Peer {
        try explained {
            try checkNew(name)
            try Self.check(addresses: reachedAt, address)
            var random = SystemRandomNumberGenerator()
            let record = PeerRecord(
                name: name, party: .random(), own: .random(), address: address, suite: suite.wire.rawValue,
                grants: try Self.records(grants), createdAt: WallClock.seconds)
            let seed = SecretKey<Seed>.random(using: &random)
            let seedName = SeedName(generation: 0, id: .random())
            let peerFile = try PeerFile(
                seed: seed.copy(), name: seedName, exporter: record.own, importer: record.party, host: Self.hostName,
                address: reachedAt ?? "")
            try keeper.exclusively {
                try SeedFileUse(file, .made).naming { try peerFile.write(to: file) }
                do {
                    try add(record, seed, seedName, keeping)
                } catch {
                    try? PeerFile.destroy(file)
                    throw error
                }
            }
            return try peer(record)
        }
    }

    /// Takes in the file that `newPeer` wrote elsewhere, and destroys it unless `keepsFile`. Refuses files that others
    /// can read, that cannot be destroyed, and that this very home exported. Doing it twice is as good as once: the
    /// entry stays as it is. `leaving` is told if the file could not be destroyed after all: the peer is made then, and
    /// whoever reads the file can be this machine.
    public func importPeer(
        from file: String, as name: String? = nil, address: String? = nil, grants: [Grant] = [],
        keepsFile: Bool = false, keeping: SeedKeeping = SeedKeeping(),
        leaving: (PacketFSError) throws -> Void = { throw $0 }
    ) throws -> Peer {
        try explained {
            let carried = CarriedSeed(file: file, isKept: keepsFile)
            let contents = try carried.read()
            let peer =
                if let taken = try taken(contents, as: name) { taken } else {
                    try add(contents, as: name, address: address, grants: grants, keeping)
                }
            try carried.destroy(seedGate, leaving)
            return peer
        }
    }

    /// The peer that this very file made, if its seed is in its place: all that is left to do is to destroy the file.
    private func taken(_ file: borrowing PeerFile, as name: String?) throws -> Peer? {
        let wanted = file.name
        guard let known = try store.peer(file.exporter), known.own == file.importer,
            let seed = try store.seeds(of: known.party).first(where: { $0.name == wanted }),
            try !isLost(seed, of: known)
        else { return nil }
        guard name == nil || name == known.name else {
            throw PacketFSError(
                .peer, "that file was taken in as \(known.name) already",
                hint: "`--name \(known.name)` destroys the file, which is all that is left to do")
        }
        return try peer(known)
    }

    /// Changes a peer's entry; `nil` leaves a field as it is. `grants` makes its grants of those that it has, and may be
    /// asked again where somebody else changes the entry at the same time.
    public func updatePeer(
        _ name: String, address: String? = nil, grants: ([Grant]) throws -> [Grant] = { $0 }, suite: Suite? = nil,
        maxSessions: Int? = nil
    ) throws -> Peer {
        try explained {
            try Self.check(addresses: address)
            while true {
                let known = try record(named: name)
                var changed = known
                changed.address = address ?? known.address
                changed.grants = try Self.records(grants(known.grants.map { Grant($0) }))
                changed.suite = suite?.wire.rawValue ?? known.suite
                changed.maxSessions = maxSessions ?? known.maxSessions
                if try store.replace(known, with: changed) { return try peer(changed) }
            }
        }
    }

    /// Forgets a peer: its seed, blob and journals are destroyed, its sessions end. Files that it sent stay; what is left of
    /// transfers that were interrupted goes. Throws `state` where a session does not end within half a minute: the seeds are
    /// destroyed then, and the rest is to be removed again.
    public func removePeer(_ name: String) throws {
        try explained {
            let record = try record(named: name)
            let vaults = try store.seeds(of: record.party).map(\.vaultURI)
            try store.abandonSeeds(of: record.party)
            forgetKeys(but: try store.seeds())
            keeper.sweepIfFree(askingFor: vaults)
            try endTransfers(of: record)
            try store.removePeer(record.party)
            try domain(of: record).remove()
        }
    }

    /// Waits for those that run, and removes what they left.
    private func endTransfers(of peer: PeerRecord) throws {
        let end = ContinuousClock.now + .seconds(30)
        while true {
            // Whoever is to be nobody is so also where something cannot be tidied up.
            _ = try? purge { $0.peer == peer.party }
            let left = try store.transfers().filter { $0.peer == peer.party }
            guard try left.contains(where: { try store.isRunning($0.id) }) else { return }
            guard ContinuousClock.now < end else {
                throw PacketFSError(
                    .state, "a session with \(peer.name) does not end, though its seeds are gone",
                    hint: "stop the PacketFS that works on it, then remove the peer again")
            }
            usleep(50_000)
        }
    }

    func peer(_ record: PeerRecord) throws -> Peer {
        let seed = try store.seeds(of: record.party).first
        return Peer(
            name: record.name, address: record.address, grants: record.grants.map { Grant($0) },
            suite: CipherSuite(rawValue: record.suite).map { Suite($0) } ?? .aes256gcm,
            fingerprint: try seed.map { try fingerprint(of: $0, of: record) }, vault: seed?.vaultURI,
            maxSessions: record.maxSessions)
    }

    /// A new entry out of a file that holds the seed.
    func add(
        _ file: consuming PeerFile, as name: String?, address: String?, grants: [Grant], _ keeping: SeedKeeping
    ) throws -> Peer {
        let name = name ?? Self.peerName(from: file.host)
        try checkNew(name)
        let address = address ?? (file.address.isEmpty ? nil : file.address)
        try Self.check(addresses: address)
        let record = PeerRecord(
            name: name, party: file.exporter, own: file.importer, address: address,
            requiresPostQuantum: file.usesMLKEM, grants: try Self.records(grants), createdAt: WallClock.seconds)
        try keeper.exclusively { try add(record, file.seed, file.name, keeping) }
        return try peer(record)
    }

    private func checkNew(_ name: String) throws {
        guard PeerRecord.isValid(name: name) else { throw StoreError.invalidName }
        guard try store.peer(named: name) == nil else { throw StoreError.duplicatePeer }
    }

    private func add(
        _ record: PeerRecord, _ seed: borrowing SecretKey<Seed>, _ name: SeedName, _ keeping: SeedKeeping
    ) throws {
        let (uri, options) = try keeping.place(after: nil, site)
        try keeper.put(seed, at: uri, options, for: record) { fingerprint, holder throws(StoreError) in
            let seed = SeedRecord(
                party: record.party, name: name, vaultURI: uri.text, holder: holder, fingerprint: fingerprint)
            try store.transaction { () throws(StoreError) in
                try store.add(record)
                try store.add(seed)
            }
        }
    }

    private static func records(_ grants: [Grant]) throws -> [PacketFSStore.Grant] {
        try grants.map { grant in
            guard grant.root.hasPrefix("/") else { throw PacketFSError(.usage, "a granted root is an absolute path") }
            return grant.record
        }
    }

    /// Throws `usage` for one that nobody can be reached at.
    private static func check(addresses: String?...) throws(PacketFSError) {
        for address in addresses.compactMap(\.self) where (try? Endpoint(reaching: address)) == nil {
            throw PacketFSError(
                .usage, "'\(address)' is no address", hint: "a host, or HOST:PORT with a port from 1 to 65535")
        }
    }

    static var hostName: String {
        var name = [CChar](repeating: 0, count: 65)
        guard gethostname(&name, 64) == 0 else { return "peer" }
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return peerName(from: text)
    }

    /// A valid name as near to `text` as may be.
    private static func peerName(from text: String) -> String {
        PeerRecord.isValid(name: text) ? text : "peer"
    }
}
