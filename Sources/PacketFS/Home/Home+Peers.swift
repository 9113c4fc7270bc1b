import Glibc
import PacketFSChannel
import PacketFSSecrets
import PacketFSStore
import PacketFSVault
import PacketFSWire
import Synchronization

extension Home {
    /// The peers, by name.
    public func peers() throws -> [Peer] {
        try explained { try store.peers().map(peer) }
    }

    /// Draws a seed for a new peer and writes the peer's half of it to a new file of mode 0600, to be carried there by
    /// a safe way and imported once. `reachedAt` tells the peer where we listen, as `host:port`.
    public func newPeer(
        _ name: String, exportingTo file: String, reachedAt: String? = nil, address: String? = nil,
        grants: [Grant] = [], suite: Suite = .aes256gcm
    ) throws -> Peer {
        try explained {
            try checkNew(name)
            var random = SystemRandomNumberGenerator()
            let own = PartyID.random()
            let other = PartyID.random()
            let seed = SecretKey<Seed>.random(using: &random)
            let peerFile = try PeerFile(
                seed: seed.copy(), exporter: own, importer: other, name: Self.hostName, address: reachedAt ?? "")
            try peerFile.write(to: file)
            do {
                return try add(
                    name, party: other, own: own, seed: seed, address: address, grants: grants, suite: suite)
            } catch {
                try? PeerFile.destroy(file)
                throw error
            }
        }
    }

    /// Takes in the file that `newPeer` wrote elsewhere, and destroys it unless `keepsFile`. Refuses files that others
    /// can read, and files that this very home exported.
    public func importPeer(
        from file: String, as name: String? = nil, address: String? = nil, grants: [Grant] = [], keepsFile: Bool = false
    ) throws -> Peer {
        try explained {
            let peerFile = try PeerFile(reading: file)
            let name = name ?? Self.peerName(from: peerFile.name)
            try checkNew(name)
            let told = peerFile.address.isEmpty ? nil : peerFile.address
            let peer = try add(
                name, party: peerFile.exporter, own: peerFile.importer, seed: peerFile.seed.copy(),
                address: address ?? told, grants: grants, suite: .aes256gcm)
            if !keepsFile { try PeerFile.destroy(file) }
            return peer
        }
    }

    /// Changes a peer's entry; `nil` leaves a field as it is.
    public func updatePeer(
        _ name: String, address: String? = nil, grants: [Grant]? = nil, suite: Suite? = nil, maxSessions: Int? = nil
    ) throws -> Peer {
        try explained {
            var record = try record(named: name)
            record.address = address ?? record.address
            record.grants = try grants.map(Self.records) ?? record.grants
            record.suite = suite?.wire.rawValue ?? record.suite
            record.maxSessions = maxSessions ?? record.maxSessions
            try store.update(record)
            return try peer(record)
        }
    }

    /// Forgets a peer: its seed, blob and journals are destroyed. Files that it sent stay; what is left of transfers
    /// that were interrupted goes.
    public func removePeer(_ name: String) throws {
        try explained {
            let record = try record(named: name)
            // Revoking does not fail for what cannot be tidied up.
            _ = try? purge { $0.peer == record.party }
            try FileVault.destroy(seedPath(record.vaultURI))
            try store.removePeer(record.party)
            unlocked.withLock { $0[record.party] = nil }
            try domain(of: record).remove()
        }
    }

    /// What a handshake with the peer needs, derived from its seed the first time.
    func credentials(of record: PeerRecord) throws -> PeerCredentials {
        if let known = unlocked.withLock({ $0[record.party] }) { return known }
        let derived = try PeerCredentials(
            own: record.own, peer: record.party, exchange: record.requiresPostQuantum ? .hybrid : .classical,
            seed: vault(of: record))
        let credentials = try derived.orThrow(.state, "the peer's entry names us on both sides")
        unlocked.withLock { $0[record.party] = credentials }
        return credentials
    }

    func peer(_ record: PeerRecord) throws -> Peer {
        Peer(
            name: record.name, address: record.address, grants: record.grants.map { Grant($0) },
            suite: CipherSuite(rawValue: record.suite).map { Suite($0) } ?? .aes256gcm,
            fingerprint: try Fingerprint(of: vault(of: record), between: record.own, and: record.party).description,
            maxSessions: record.maxSessions)
    }

    private func checkNew(_ name: String) throws {
        guard PeerRecord.isValid(name: name) else { throw StoreError.invalidName }
        guard try store.peer(named: name) == nil else { throw StoreError.duplicatePeer }
    }

    private func add(
        _ name: String, party: PartyID, own: PartyID, seed: borrowing SecretKey<Seed>, address: String?,
        grants: [Grant], suite: Suite
    ) throws -> Peer {
        let uri = "file:\(party.bytes.hexadecimal).seed"
        let record = PeerRecord(
            name: name, party: party, own: own, vaultURI: uri, address: address, suite: suite.wire.rawValue,
            grants: try Self.records(grants), createdAt: WallClock.seconds)
        try store.add(record)
        do {
            _ = try FileVault.create(at: seedPath(uri), seed: seed)
        } catch {
            try store.removePeer(party)
            throw error
        }
        return try peer(record)
    }

    private func vault(of record: PeerRecord) throws -> FileVault {
        try FileVault(opening: seedPath(record.vaultURI))
    }

    /// The file of a `file:` URI, relative to the folder of seeds.
    private func seedPath(_ uri: String) throws -> String {
        guard uri.hasPrefix("file:"), !uri.contains("/") else {
            throw PacketFSError(.state, "the peer's seed is in a vault that this version does not know")
        }
        return location.state + "/seeds/" + uri.dropFirst(5)
    }

    private static func records(_ grants: [Grant]) throws -> [PacketFSStore.Grant] {
        try grants.map { grant in
            guard grant.root.hasPrefix("/") else { throw PacketFSError(.usage, "a granted root is an absolute path") }
            return grant.record
        }
    }

    private static var hostName: String {
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
