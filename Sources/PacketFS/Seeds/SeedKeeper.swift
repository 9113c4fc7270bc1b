import PacketFSSecrets
import PacketFSStore
import PacketFSVault

/// Puts seeds into places and destroys them, so that after a crash no copy is left that nobody knows of, and no seed is
/// missing that the store names.
struct SeedKeeper: Sendable {
    let store: Store
    let site: VaultSite
    let gate: any SeedGate
    /// The folder of seeds.
    let folder: String

    /// Runs `body` while nobody else changes where seeds are, and destroys what is abandoned before and after.
    func exclusively<Result>(_ body: () throws -> Result) throws -> Result {
        let lock = try SeedLock.take(in: folder)
        sweep()
        let result = try body()
        sweep()
        withExtendedLifetime(lock) {}
        return result
    }

    /// Destroys what is abandoned, unless somebody else changes where seeds are.
    func sweepIfFree() {
        guard let lock = try? SeedLock.takeIfFree(in: folder) else { return }
        sweep()
        withExtendedLifetime(lock) {}
    }

    /// Puts the seed that we share with `peer` into a place, sees that it answers right from there, and has `record`
    /// make it ours. Until then the store says that whatever is at the place is to be destroyed.
    func put(
        _ seed: borrowing SecretKey<Seed>, at uri: VaultURI, _ options: KeepingOptions, for peer: PeerRecord,
        record: (_ fingerprint: String) throws(StoreError) -> Void
    ) throws {
        do {
            try place(seed, at: uri, options, for: peer, record: record)
        } catch let error as VaultError {
            throw PacketFSError(error, using: site.file(of: uri, options).map { SeedFileUse($0, .made) })
        }
    }

    private func place(
        _ seed: borrowing SecretKey<Seed>, at uri: VaultURI, _ options: KeepingOptions, for peer: PeerRecord,
        record: (_ fingerprint: String) throws(StoreError) -> Void
    ) throws {
        let place = site.place(uri, options)
        guard try !place.isTaken() else { throw VaultError.alreadyExists }
        let expected = try Fingerprint(of: seed, between: peer.own, and: peer.party)
        let uris = try Self.places(uri, options)
        try gate.pass(.record)
        try store.transaction { () throws(StoreError) in
            for uri in uris { try store.reserve(place: uri.text) }
        }
        do {
            try gate.pass(.keep)
            let vault = try place.keep(seed)
            guard try Fingerprint(of: vault, between: peer.own, and: peer.party) == expected else {
                throw PacketFSError(.state, "the vault does not compute what it should")
            }
            try gate.pass(.record)
            try store.transaction { () throws(StoreError) in
                try record(expected.description)
                for uri in uris { try store.forget(place: uri.text) }
            }
        } catch VaultError.alreadyExists {
            // Somebody else's: it came between the look and the deed.
            for uri in uris { try? store.forget(place: uri.text) }
            throw VaultError.alreadyExists
        } catch {
            for uri in uris { try? clear(uri) }
            throw error
        }
    }

    /// Where a seed may be left: for a credential the file, too, that it is written to, of which its URI knows nothing.
    private static func places(_ uri: VaultURI, _ options: KeepingOptions) throws(VaultError) -> [VaultURI] {
        guard case .credential = uri, let outlet = options.outlet else { return [uri] }
        return [uri, try VaultURI("file:" + LocalPath.absolute(outlet))]
    }

    /// What cannot be destroyed now, such as in a token that is not plugged in, stays for another time.
    private func sweep() {
        for text in (try? store.abandonedPlaces()) ?? [] {
            guard let uri = try? VaultURI(text) else { continue }
            try? clear(uri)
        }
    }

    private func clear(_ uri: VaultURI) throws {
        try gate.pass(.destroy)
        do {
            try site.place(uri).destroy()
        } catch VaultError.notFound {
        }
        try gate.pass(.record)
        try store.forget(place: uri.text)
    }
}
