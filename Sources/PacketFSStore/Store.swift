import Foundation
import GRDB
package import PacketFSWire

/// The durable state of one party: identity, peers, logs and their extents, the journal of transfers, snapshots.
///
/// An SQLite database in a private folder, shared by as many processes as like. Each call is one transaction that is
/// on disk when it returns; calls made within `transaction` are one together. Calls block for as long as a disk
/// flush takes.
package final class Store: Sendable {
    /// Seconds that a call waits for another process before it throws `busy`.
    package static let patience: Double = 10

    private let queue: DatabaseQueue
    private let party: PartyID
    private let ballast: Ballast
    /// Folder of the files that claims on running transfers lock.
    let claims: String

    /// Opens the store in `folder`, which is made with mode 0700 where it is missing.
    ///
    /// - Parameter makesRoom: opens it on a full disk, too, with what was set aside for that.
    package init(folder: String, makesRoom: Bool = false) throws(StoreError) {
        let folder = try StateFolder(path: folder)
        let ballast = Ballast(in: folder.path)
        self.ballast = ballast
        queue = try folder.locked(patience: Self.patience) { () throws(StoreError) in
            func open() throws(StoreError) -> DatabaseQueue {
                do throws(StoreError) {
                    try folder.prepareDatabase()
                    return try Self.open(folder.database)
                } catch {
                    throw error.meaning(ballast)
                }
            }
            return makesRoom ? try ballast.spend(open) : try open()
        }
        ballast.make()
        claims = folder.path + "/running"
        _ = try StateFolder(path: claims)
        let rows = queue
        do {
            party = try rows.read { database in
                guard let row = try Row.fetchOne(database, sql: "SELECT party FROM identity") else {
                    throw StoreError.corrupted
                }
                return try row.identifier("party")
            }
        } catch {
            throw StoreError(error)
        }
    }

    /// The party that this state folder is, drawn when it was made.
    package func identity() -> PartyID { party }

    /// Runs `body`, whose calls to this store take effect together or, if it throws, not at all.
    ///
    /// `body` must be short: other threads and processes wait. It may be nested.
    package func transaction<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        try write { _ in try body() }
    }

    /// Runs `body` again, with what was set aside for that, if it finds the disk full.
    package func makingRoom<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        try ballast.spend(body)
    }

    /// Sets aside anew what `makingRoom` may have spent.
    package func saveRoom() {
        ballast.make()
    }

    /// Differs from what it was before if anything in the store has changed since, by whomever. It costs a tenth of a read.
    package func version() throws(StoreError) -> StoreVersion {
        do {
            return try queue.unsafeReentrantRead { database in
                let foreign = try Int.fetchOne(database.cachedStatement(sql: "PRAGMA data_version"))
                return StoreVersion(foreign: foreign ?? 0, own: database.totalChangesCount)
            }
        } catch {
            throw StoreError(error)
        }
    }

    /// What SQLite says of this connection now: the journal mode, and 2 for `synchronous=FULL`.
    package func durability() throws(StoreError) -> (journalMode: String, synchronous: Int) {
        try read { database in
            (
                try String.fetchOne(database, sql: "PRAGMA journal_mode") ?? "",
                try Int.fetchOne(database, sql: "PRAGMA synchronous") ?? 0
            )
        }
    }

    /// Reads the whole database, and throws `corrupted` unless it is sound.
    package func verify() throws(StoreError) {
        try read { database in
            guard try String.fetchAll(database, sql: "PRAGMA quick_check(1)") == ["ok"] else {
                throw StoreError.corrupted
            }
            guard try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").isEmpty else {
                throw StoreError.corrupted
            }
        }
    }

    func write<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        try run(.immediate, body)
    }

    func read<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        try run(.deferred, body)
    }

    private func run<Result>(
        _ kind: Database.TransactionKind, _ body: (Database) throws -> Result
    ) throws(StoreError) -> Result {
        do {
            return try queue.unsafeReentrantWrite { database in
                var result: Result?
                let operations = {
                    result = try body(database)
                    return Database.TransactionCompletion.commit
                }
                if database.isInsideTransaction {
                    try database.inSavepoint(operations)
                } else {
                    try database.inTransaction(kind, operations)
                }
                guard let result else { throw StoreError.corrupted }
                return result
            }
        } catch {
            throw StoreError(error).meaning(ballast)
        }
    }
}

/// Tells states of a store apart for as long as it is open.
package struct StoreVersion: Equatable, Sendable {
    /// Changes with every transaction of another process.
    fileprivate let foreign: Int
    /// Rows that were changed by this one.
    fileprivate let own: Int
}

extension Store {
    private static func open(_ path: String) throws(StoreError) -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "packetfs.store"
        configuration.busyMode = .timeout(patience)
        configuration.foreignKeysEnabled = true
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { database in
                try makeDurable(database)
                try database.inTransaction(.immediate) {
                    try Schema.prepare(database)
                    return .commit
                }
            }
            return queue
        } catch {
            throw StoreError(error)
        }
    }

    /// Settings of a connection, not of the file, so every opening sets them and reads them back.
    private static func makeDurable(_ database: Database) throws {
        guard try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL") == "wal" else {
            throw StoreError.notDurable
        }
        try database.execute(
            sql: """
                PRAGMA synchronous = FULL;
                PRAGMA cell_size_check = ON;
                PRAGMA trusted_schema = OFF;
                PRAGMA journal_size_limit = 67108864;
                """)
        let full = 2
        guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == full,
            try Int.fetchOne(database, sql: "PRAGMA foreign_keys") == 1
        else { throw StoreError.notDurable }
    }
}
