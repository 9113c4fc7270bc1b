import Foundation
import GRDB
package import PacketFSWire

extension Store {
    /// Seeds that one peer may have at a time.
    package static let seedBound = 8

    /// The seeds of a peer, oldest first.
    package func seeds(of party: PartyID) throws(StoreError) -> [SeedRecord] {
        try read { try Self.seeds($0, where: "party = ?", [party.data]) }
    }

    /// All seeds, those of one peer together and oldest first.
    package func seeds() throws(StoreError) -> [SeedRecord] {
        try read { try Self.seeds($0, where: "TRUE", []) }
    }

    /// The least generation that a seed of the peer may have: those before it were revoked, perhaps before the peer was
    /// removed and added again.
    package func seedFloor(of party: PartyID) throws(StoreError) -> UInt32 {
        try read { database in
            guard
                let row = try database.row(
                    """
                    SELECT coalesce(floor, 0) AS floor FROM peers LEFT JOIN seedFloors USING (party) WHERE party = ?
                    """, [party.data])
            else { throw StoreError.unknownPeer }
            return try row.number("floor")
        }
    }

    /// Adds a seed. Throws `staleSeed` for one that is older than what the peer has, or was revoked, `duplicateSeed` for
    /// one that is there, `tooManySeeds`. What is to be destroyed at its place no longer is.
    package func add(_ seed: SeedRecord) throws(StoreError) {
        try write { database in
            let known = try Self.seeds(database, where: "party = ?", [seed.party.data])
            guard !known.contains(where: { $0.name == seed.name }) else { throw StoreError.duplicateSeed }
            let floor = try self.seedFloor(of: seed.party)
            guard seed.name.generation >= floor, known.first.map({ $0.name < seed.name }) ?? true else {
                throw StoreError.staleSeed
            }
            guard known.count < Self.seedBound else { throw StoreError.tooManySeeds }
            try database.change(
                """
                INSERT INTO seeds (party, generation, id, vault, holder, fingerprint, isOffered)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    seed.party.data, seed.name.generation, seed.name.id.data, seed.vaultURI, seed.holder,
                    seed.fingerprint, seed.isOffered,
                ])
            try Self.keepPlace(seed.vaultURI, database)
        }
    }

    /// The seed now is at another place; what is at the old one is to be destroyed. Throws `unknownSeed`.
    package func move(_ seed: SeedRecord, to vaultURI: String, in holder: String?) throws(StoreError) {
        try write { database in
            try Self.change(seed, "vault = ?, holder = ?", [vaultURI, holder], database)
            try Self.keepPlace(vaultURI, database)
            try Self.leavePlace(of: seed, database)
        }
    }

    package func saveFingerprint(_ text: String, of seed: SeedRecord) throws(StoreError) {
        try write { try Self.change(seed, "fingerprint = ?", [text], $0) }
    }

    /// Notes, before the peer can learn it, that we hold the seed. Throws `unknownSeed`.
    package func markOffered(_ seed: SeedRecord) throws(StoreError) {
        try write { try Self.change(seed, "isOffered = ?", [true], $0) }
    }

    /// The peer holds this seed: those that are older are left to be destroyed. Says whether there were any. Throws
    /// `unknownSeed` if it was revoked or withdrawn meanwhile.
    package func settle(_ seed: SeedRecord) throws(StoreError) -> Bool {
        try write { database in
            let known = try Self.seeds(database, where: "party = ?", [seed.party.data])
            guard known.contains(where: { $0.name == seed.name }) else { throw StoreError.unknownSeed }
            return try Self.abandonSeeds(of: seed.party, below: seed.name, database)
        }
    }

    /// Leaves one seed to be destroyed.
    package func withdraw(_ seed: SeedRecord) throws(StoreError) {
        try write { database in
            try Self.change(seed, "isOffered = isOffered", [], database)
            try Self.abandon([seed], database)
        }
    }

    /// Leaves every seed but the oldest to be destroyed. Throws `noRotation` if there is no other, and `seedInUse` if the
    /// peer may have given up the oldest.
    package func withdrawNewSeeds(of party: PartyID) throws(StoreError) {
        try write { database in
            let new = try Self.seeds(database, where: "party = ?", [party.data]).dropFirst()
            guard !new.isEmpty else { throw StoreError.noRotation }
            guard !new.contains(where: \.isOffered) else { throw StoreError.seedInUse }
            try Self.abandon(Array(new), database)
        }
    }

    /// Leaves all seeds of the peer to be destroyed.
    package func abandonSeeds(of party: PartyID) throws(StoreError) {
        try write { _ = try Self.abandonSeeds(of: party, below: nil, $0) }
    }

    /// Leaves all seeds of the peer to be destroyed, and refuses their generations from now on. Returns how many.
    package func revokeSeeds(of party: PartyID) throws(StoreError) -> Int {
        try write { database in
            let known = try Self.seeds(database, where: "party = ?", [party.data])
            if let newest = known.last {
                try database.change(
                    "INSERT OR REPLACE INTO seedFloors (party, floor) VALUES (?, ?)",
                    [party.data, newest.name.generation &+ 1])
            }
            try Self.abandon(known, database)
            return known.count
        }
    }

    /// Says that whatever comes to be at this place is to be destroyed, unless a seed is added or moved there. Throws
    /// `placeInUse` if a seed is there already, or is still to be destroyed in what the place lay in before.
    package func reserve(_ place: AbandonedPlace) throws(StoreError) {
        try write { database in
            let elsewhere = try database.rows(
                "SELECT vault FROM abandoned WHERE vault = ? AND holder IS NOT ?", [place.vaultURI, place.holder])
            guard try elsewhere.isEmpty && Self.seeds(database, where: "vault = ?", [place.vaultURI]).isEmpty else {
                throw StoreError.placeInUse
            }
            try Self.insert(place, database)
        }
    }

    /// The places whose seeds are to be destroyed.
    package func abandonedPlaces() throws(StoreError) -> [AbandonedPlace] {
        try read { database in
            try database.rows("SELECT * FROM abandoned ORDER BY vault", []).map { row in
                let seed = try row.optionalText("fingerprint").map {
                    SeedMark(party: try row.identifier("party"), own: try row.identifier("own"), fingerprint: $0)
                }
                return AbandonedPlace(
                    vaultURI: try row.text("vault"), holder: try row.optionalText("holder"), seed: seed)
            }
        }
    }

    /// Nothing is left at this place.
    package func forget(place vaultURI: String) throws(StoreError) {
        try write { try Self.keepPlace(vaultURI, $0) }
    }
}

extension Store {
    @discardableResult
    static func abandonSeeds(of party: PartyID, below name: SeedName?, _ database: Database) throws -> Bool {
        let seeds = try seeds(database, where: "party = ?", [party.data]).filter { seed in
            name.map { seed.name < $0 } ?? true
        }
        try abandon(seeds, database)
        return !seeds.isEmpty
    }

    private static func abandon(_ seeds: [SeedRecord], _ database: Database) throws {
        for seed in seeds {
            try database.change("DELETE FROM seeds WHERE party = ? AND generation = ? AND id = ?", key(of: seed))
            try leavePlace(of: seed, database)
        }
    }

    private static func change(
        _ seed: SeedRecord, _ assignment: String, _ values: StatementArguments, _ database: Database
    ) throws {
        try database.change(
            "UPDATE seeds SET \(assignment) WHERE party = ? AND generation = ? AND id = ?",
            values + key(of: seed))
        guard database.changesCount == 1 else { throw StoreError.unknownSeed }
    }

    private static func key(of seed: SeedRecord) -> StatementArguments {
        [seed.party.data, seed.name.generation, seed.name.id.data]
    }

    private static func leavePlace(of seed: SeedRecord, _ database: Database) throws {
        let own: PartyID? = try database.row("SELECT own FROM peers WHERE party = ?", [seed.party.data])
            .map { try $0.identifier("own") }
        let mark = own.flatMap { own in
            seed.fingerprint.map { SeedMark(party: seed.party, own: own, fingerprint: $0) }
        }
        try insert(AbandonedPlace(vaultURI: seed.vaultURI, holder: seed.holder, seed: mark), database)
    }

    /// Instead of what is known of the place: a seed is put only where none is.
    private static func insert(_ place: AbandonedPlace, _ database: Database) throws {
        try database.change(
            "INSERT OR REPLACE INTO abandoned (vault, holder, party, own, fingerprint) VALUES (?, ?, ?, ?, ?)",
            [
                place.vaultURI, place.holder, place.seed?.party.data, place.seed?.own.data, place.seed?.fingerprint,
            ])
    }

    private static func keepPlace(_ vaultURI: String, _ database: Database) throws {
        try database.change("DELETE FROM abandoned WHERE vault = ?", [vaultURI])
    }

    private static func seeds(
        _ database: Database, where condition: String, _ arguments: StatementArguments
    ) throws -> [SeedRecord] {
        try database.rows(
            "SELECT * FROM seeds WHERE \(condition) ORDER BY party, generation, id", arguments
        ).map { row in
            SeedRecord(
                party: try row.identifier("party"),
                name: SeedName(generation: try row.number("generation"), id: try row.identifier("id")),
                vaultURI: try row.text("vault"), holder: try row.optionalText("holder"),
                fingerprint: try row.optionalText("fingerprint"),
                isOffered: try row.integer("isOffered") != 0)
        }
    }
}
