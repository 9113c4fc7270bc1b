import PacketFSSecrets
import PacketFSStore
import PacketFSVault

/// Puts seeds into places and destroys them, so that after a crash no copy is left that nobody knows of, and no seed is
/// missing that the store names.
struct SeedKeeper: Sendable {
    let store: Store
    let site: VaultSite
    /// The same, asking nobody.
    let silentSite: VaultSite
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

    /// Destroys what is abandoned, unless somebody else changes where seeds are; asks, if need be, for what is in these
    /// vaults alone.
    func sweepIfFree(askingFor vaults: [String] = []) {
        guard let lock = try? SeedLock.takeIfFree(in: folder) else { return }
        sweep(askingFor: vaults)
        withExtendedLifetime(lock) {}
    }

    /// Puts the seed that we share with `peer` into a place, sees that it answers right from there, and has `record`
    /// make it ours. Until then the store says that whatever is at the place is to be destroyed.
    func put(
        _ seed: borrowing SecretKey<Seed>, at uri: VaultURI, _ options: KeepingOptions, for peer: PeerRecord,
        record: (_ fingerprint: String, _ holder: String?) throws(StoreError) -> Void
    ) throws {
        do {
            try place(seed, at: uri, options, for: peer, record: record)
        } catch let error as VaultError {
            throw PacketFSError(error, using: site.file(of: uri, options).map { SeedFileUse($0, .made) })
        }
    }

    private func place(
        _ seed: borrowing SecretKey<Seed>, at uri: VaultURI, _ options: KeepingOptions, for peer: PeerRecord,
        record: (_ fingerprint: String, _ holder: String?) throws(StoreError) -> Void
    ) throws {
        let place = site.place(uri, options)
        guard try !place.isTaken() else { throw VaultError.alreadyExists }
        let expected = try Fingerprint(of: seed, between: peer.own, and: peer.party)
        let holder = try place.holder()
        let mark = SeedMark(party: peer.party, own: peer.own, fingerprint: expected.description)
        let places = try places(of: mark, uri, in: holder, options)
        try gate.pass(.record)
        try store.transaction { () throws(StoreError) in
            for place in places { try store.reserve(place) }
        }
        do {
            try gate.pass(.keep)
            let vault = try place.keep(seed)
            guard try Fingerprint(of: vault, between: peer.own, and: peer.party) == expected else {
                throw PacketFSError(.state, "the vault does not compute what it should")
            }
            try gate.pass(.record)
            try store.transaction { () throws(StoreError) in
                try record(expected.description, holder)
                for place in places { try store.forget(place: place.vaultURI) }
            }
        } catch VaultError.alreadyExists {
            // Somebody else's: it came between the look and the deed.
            for place in places { try? store.forget(place: place.vaultURI) }
            throw VaultError.alreadyExists
        } catch {
            // Ours, even if the vault computes something else with it.
            for place in places { try? clear(place, site) { _ in true } }
            throw error
        }
    }

    /// Where a seed may be left: for a credential the file, too, that it is written to, of which its URI knows nothing.
    private func places(
        of seed: SeedMark, _ uri: VaultURI, in holder: String?, _ options: KeepingOptions
    ) throws(VaultError) -> [AbandonedPlace] {
        let place = AbandonedPlace(vaultURI: uri.text, holder: holder, seed: seed)
        guard case .credential = uri, let outlet = options.outlet else { return [place] }
        let file = try VaultURI("file:" + LocalPath.absolute(outlet))
        return [place, AbandonedPlace(vaultURI: file.text, holder: try site.place(file).holder(), seed: seed)]
    }

    /// What cannot be destroyed now, such as in a token that is not plugged in, stays for another time. A question that
    /// nobody foresaw would take the answer to another: a token would get a passphrase as its PIN.
    private func sweep(askingFor vaults: [String] = []) {
        for place in (try? store.abandonedPlaces()) ?? [] {
            try? leave(place, vaults.contains(place.vaultURI) ? site : silentSite)
        }
    }

    /// Destroys what is abandoned there, unless it is by now what a seed's own URI names, in other words.
    private func leave(_ place: AbandonedPlace, _ site: VaultSite) throws {
        let uri = try VaultURI(place.vaultURI)
        guard try !store.seeds().contains(where: { try silentSite.isSame(uri, VaultURI($0.vaultURI)) }) else {
            try gate.pass(.record)
            return try store.forget(place: place.vaultURI)
        }
        try clear(place, site) { vault throws(VaultError) in
            guard let mark = place.seed else { return true }
            return try Fingerprint(of: vault, between: mark.own, and: mark.party).description == mark.fingerprint
        }
    }

    private func clear(_ abandoned: AbandonedPlace, _ site: VaultSite, if isMeant: SeedTest) throws {
        try gate.pass(.destroy)
        try site.place(VaultURI(abandoned.vaultURI)).destroy(keptIn: abandoned.holder, if: isMeant)
        try gate.pass(.record)
        try store.forget(place: abandoned.vaultURI)
    }
}
