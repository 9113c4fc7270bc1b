import Foundation
import GRDB
import PacketFSWire

/// The tables, and the version that they are of.
///
/// Paths are stored with `/` as a zero byte: SQLite then compares them as a manifest orders them.
enum Schema {
    static var version: Int { 1 + migrations.count }
    /// "PkFS": tells our databases from others.
    static let application = 0x506b_4653

    /// Makes the tables in a new database; throws `newerVersion` or `corrupted` for one that is not of this version.
    static func prepare(_ database: Database) throws {
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        let application = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        if version == 0, application == 0, try isEmpty(database) {
            return try create(database)
        }
        guard application == Self.application else { throw StoreError.corrupted }
        guard version <= Self.version else { throw StoreError.newerVersion }
        guard version >= 1 else { throw StoreError.corrupted }
        try migrate(database, from: version)
    }

    private static func isEmpty(_ database: Database) throws -> Bool {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
    }

    private static func create(_ database: Database) throws {
        try database.execute(sql: tables)
        try database.execute(
            sql: "INSERT INTO identity (id, party) VALUES (1, ?)", arguments: [Data(PartyID.random().bytes)])
        try database.execute(sql: "PRAGMA application_id = \(application)")
        try migrate(database, from: 1)
    }

    private static func migrate(_ database: Database, from version: Int) throws {
        guard version < Self.version else { return }
        for migration in migrations[(version - 1)...] { try database.execute(sql: migration) }
        try database.execute(sql: "PRAGMA user_version = \(Self.version)")
    }

    /// Those of version 1.
    private static let tables = """
        CREATE TABLE identity (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            party BLOB NOT NULL CHECK (length(party) = 16)
        );
        CREATE TABLE peers (
            party BLOB PRIMARY KEY CHECK (length(party) = 16),
            name TEXT NOT NULL UNIQUE,
            own BLOB NOT NULL CHECK (length(own) = 16),
            vault TEXT NOT NULL,
            address TEXT,
            suite INTEGER NOT NULL,
            requiresPostQuantum INTEGER NOT NULL,
            createdAt INTEGER NOT NULL,
            maxSessions INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE grants (
            party BLOB NOT NULL REFERENCES peers ON DELETE CASCADE,
            position INTEGER NOT NULL,
            root TEXT NOT NULL,
            verbs INTEGER NOT NULL,
            PRIMARY KEY (party, position)
        ) WITHOUT ROWID;
        CREATE TABLE logs (
            id INTEGER PRIMARY KEY,
            peer BLOB NOT NULL REFERENCES peers ON DELETE CASCADE,
            role INTEGER NOT NULL,
            log BLOB NOT NULL CHECK (length(log) = 16),
            next INTEGER NOT NULL,
            UNIQUE (peer, role)
        );
        CREATE TABLE extents (
            log INTEGER NOT NULL REFERENCES logs ON DELETE CASCADE,
            address INTEGER NOT NULL,
            length INTEGER NOT NULL CHECK (length > 0),
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            state INTEGER NOT NULL,
            transfer BLOB,
            firstPath BLOB NOT NULL,
            lastPath BLOB NOT NULL,
            learnedAt INTEGER NOT NULL,
            PRIMARY KEY (log, address)
        ) WITHOUT ROWID;
        CREATE TABLE transfers (
            ordinal INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            peer BLOB NOT NULL REFERENCES peers ON DELETE CASCADE,
            role INTEGER NOT NULL,
            destination TEXT NOT NULL,
            root TEXT NOT NULL,
            startedAt INTEGER NOT NULL,
            manifest BLOB NOT NULL,
            statKeys BLOB NOT NULL
        );
        CREATE INDEX transfersOfPeer ON transfers (peer, role, destination);
        CREATE TABLE snapshots (
            ordinal INTEGER PRIMARY KEY,
            peer BLOB NOT NULL REFERENCES peers ON DELETE CASCADE,
            role INTEGER NOT NULL,
            destination TEXT NOT NULL,
            snapshot BLOB NOT NULL,
            UNIQUE (peer, role, destination)
        );
        """

    /// From each version to the next.
    private static let migrations = [
        // A peer may have several seeds, and what is left of others is to be destroyed.
        """
        CREATE TABLE seeds (
            party BLOB NOT NULL REFERENCES peers ON DELETE CASCADE,
            generation INTEGER NOT NULL,
            id BLOB NOT NULL CHECK (length(id) = 16),
            vault TEXT NOT NULL UNIQUE,
            fingerprint TEXT,
            isOffered INTEGER NOT NULL,
            PRIMARY KEY (party, generation, id)
        ) WITHOUT ROWID;
        CREATE TABLE abandoned (vault TEXT PRIMARY KEY) WITHOUT ROWID;
        INSERT INTO seeds SELECT party, 0, zeroblob(16), vault, NULL, 0 FROM peers;
        ALTER TABLE peers DROP COLUMN vault;
        ALTER TABLE peers ADD COLUMN seedFloor INTEGER NOT NULL DEFAULT 0;
        """,
        // Snapshots that nobody uses go; those of before count as used now.
        """
        ALTER TABLE snapshots ADD COLUMN usedAt INTEGER NOT NULL DEFAULT 0;
        UPDATE snapshots SET usedAt = CAST(strftime('%s', 'now') AS INTEGER);
        """,
        // Where a disk is not mounted, its mount point looks like a root from which everything was removed.
        "ALTER TABLE transfers ADD COLUMN rootIdentity BLOB NOT NULL DEFAULT x'';",
        // A seed that is not found where it was may be in a folder, a keyring or a token that is not there now.
        "ALTER TABLE seeds ADD COLUMN holder TEXT; ALTER TABLE abandoned ADD COLUMN holder TEXT;",
        // What was revoked stays so, also for a peer that was removed.
        """
        CREATE TABLE seedFloors (
            party BLOB PRIMARY KEY CHECK (length(party) = 16),
            floor INTEGER NOT NULL
        ) WITHOUT ROWID;
        INSERT INTO seedFloors SELECT party, seedFloor FROM peers WHERE seedFloor > 0;
        ALTER TABLE peers DROP COLUMN seedFloor;
        """,
        // What lies where a seed is to be destroyed may be another one.
        """
        ALTER TABLE abandoned ADD COLUMN party BLOB CHECK (length(party) = 16);
        ALTER TABLE abandoned ADD COLUMN own BLOB CHECK (length(own) = 16);
        ALTER TABLE abandoned ADD COLUMN fingerprint TEXT;
        """,
        // What the peer holds of ours, and we no longer do, voids what we offer. 1: acknowledged.
        """
        ALTER TABLE logs ADD COLUMN drops INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE logs ADD COLUMN dropsTold INTEGER NOT NULL DEFAULT 0;
        CREATE TRIGGER dropOfAcknowledged AFTER DELETE ON extents WHEN OLD.state = 1 BEGIN
            UPDATE logs SET drops = drops + 1 WHERE id = OLD.log;
        END;
        """,
    ]
}
