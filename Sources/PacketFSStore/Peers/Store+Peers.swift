import Foundation
import GRDB
package import PacketFSWire

extension Store {
    /// Throws `duplicatePeer` where the name or the party is taken, `ownIdentity` where the party is one that we are
    /// ourselves.
    package func add(_ peer: PeerRecord) throws(StoreError) {
        try check(peer)
        try write { database in
            guard try !Self.isTaken(name: peer.name, by: peer.party, orParty: true, database) else {
                throw StoreError.duplicatePeer
            }
            try Self.checkIdentity(of: peer, database)
            try Self.insert(peer, database)
        }
    }

    /// Replaces what is known of a peer; its name may change. Logs and journal stay. Returns `false`, and replaces nothing,
    /// where something else is known of it.
    package func replace(_ known: PeerRecord, with peer: PeerRecord) throws(StoreError) -> Bool {
        try check(peer)
        guard known.party == peer.party else { throw .invalidValue }
        return try write { database in
            guard try Self.peers(database, where: "party = ?", [known.party.data]) == [known] else { return false }
            guard try !Self.isTaken(name: peer.name, by: peer.party, orParty: false, database) else {
                throw StoreError.duplicatePeer
            }
            try Self.checkIdentity(of: peer, database)
            try Self.update(peer, database)
            return true
        }
    }

    /// Forgets the peer, and with it its logs, journal and snapshots; its seeds are left to be destroyed. Of seeds that were
    /// revoked it stays known that they were. Says whether it was known.
    @discardableResult
    package func removePeer(_ party: PartyID) throws(StoreError) -> Bool {
        try write { database in
            try Self.abandonSeeds(of: party, below: nil, database)
            try database.change("DELETE FROM peers WHERE party = ?", [party.data])
            return database.changesCount > 0
        }
    }

    /// All peers, by name.
    package func peers() throws(StoreError) -> [PeerRecord] {
        try read { try Self.peers($0, where: "TRUE", []) }
    }

    package func peer(named name: String) throws(StoreError) -> PeerRecord? {
        try read { try Self.peers($0, where: "name = ?", [name]).first }
    }

    package func peer(_ party: PartyID) throws(StoreError) -> PeerRecord? {
        try read { try Self.peers($0, where: "party = ?", [party.data]).first }
    }
}

extension Store {
    private func check(_ peer: PeerRecord) throws(StoreError) {
        guard PeerRecord.isValid(name: peer.name) else { throw .invalidName }
        guard peer.party != peer.own else { throw .ownIdentity }
        guard peer.maxSessions > 0, peer.grants.allSatisfy({ $0.root.hasPrefix("/") }) else { throw .invalidValue }
    }

    /// Nobody is a peer and ourselves at once.
    private static func checkIdentity(of peer: PeerRecord, _ database: Database) throws {
        let clash = try database.row(
            "SELECT 1 FROM peers WHERE own = ? OR party = ?",
            [peer.party.data, peer.own.data])
        guard clash == nil else { throw StoreError.ownIdentity }
    }

    private static func isTaken(
        name: String, by party: PartyID, orParty: Bool, _ database: Database
    ) throws -> Bool {
        let sql = orParty ? "name = ? OR party = ?" : "name = ? AND party <> ?"
        return try database.row("SELECT 1 FROM peers WHERE \(sql)", [name, party.data]) != nil
    }

    private static func insert(_ peer: PeerRecord, _ database: Database) throws {
        try database.change(
            """
            INSERT INTO peers (name, own, address, suite, requiresPostQuantum, createdAt, maxSessions, party)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            values(of: peer))
        try insertGrants(of: peer, database)
    }

    private static func update(_ peer: PeerRecord, _ database: Database) throws {
        try database.change(
            """
            UPDATE peers SET name = ?, own = ?, address = ?, suite = ?, requiresPostQuantum = ?, createdAt = ?,
                maxSessions = ?
            WHERE party = ?
            """,
            values(of: peer))
        try database.change("DELETE FROM grants WHERE party = ?", [peer.party.data])
        try insertGrants(of: peer, database)
    }

    private static func values(of peer: PeerRecord) -> StatementArguments {
        [
            peer.name, peer.own.data, peer.address, peer.suite, peer.requiresPostQuantum, peer.createdAt,
            peer.maxSessions, peer.party.data,
        ]
    }

    private static func insertGrants(of peer: PeerRecord, _ database: Database) throws {
        for (position, grant) in peer.grants.enumerated() {
            let verbs = grant.verbs.reduce(0) { $0 | $1.rawValue }
            try database.change(
                "INSERT INTO grants (party, position, root, verbs) VALUES (?, ?, ?, ?)",
                [peer.party.data, position, grant.root, verbs])
        }
    }

    private static func peers(
        _ database: Database, where condition: String, _ arguments: StatementArguments
    ) throws -> [PeerRecord] {
        try database.rows("SELECT * FROM peers WHERE \(condition) ORDER BY name", arguments)
            .map { row in try peer(row, database) }
    }

    private static func peer(_ row: Row, _ database: Database) throws -> PeerRecord {
        let party: PartyID = try row.identifier("party")
        let grants = try database.rows("SELECT root, verbs FROM grants WHERE party = ? ORDER BY position", [party.data])
        return PeerRecord(
            name: try row.text("name"), party: party, own: try row.identifier("own"),
            address: try row.optionalText("address"), suite: try row.number("suite"),
            requiresPostQuantum: try row.integer("requiresPostQuantum") != 0, grants: try grants.map(grant),
            createdAt: try row.integer("createdAt"),
            maxSessions: try row.number("maxSessions"))
    }

    private static func grant(_ row: Row) throws -> Grant {
        let bits: UInt8 = try row.number("verbs")
        return Grant(
            root: try row.text("root"), verbs: Set(Verb.allCases.filter { bits & $0.rawValue != 0 }))
    }
}
