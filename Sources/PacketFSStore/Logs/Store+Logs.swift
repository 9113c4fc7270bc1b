import Foundation
import GRDB
package import PacketFSWire

extension Store {
    /// The log that we publish to the peer, made on first use.
    package func ownLog(for peer: PartyID) throws(StoreError) -> LogRecord {
        if let log = try log(for: peer, role: .own) { return log }
        return try write { database in
            if let row = try Self.row(of: peer, role: .own, database) { return try Self.record(row) }
            return try Self.make(LogID.random(), for: peer, role: .own, database)
        }
    }

    /// The log of that role, or `nil` if there is none yet: the peer tells the id of a replica.
    package func log(for peer: PartyID, role: LogRole) throws(StoreError) -> LogRecord? {
        try read { database in try Self.row(of: peer, role: role, database).map(Self.record) }
    }

    /// All logs, by peer and role.
    package func logs() throws(StoreError) -> [LogRecord] {
        try read { try $0.rows("SELECT * FROM logs ORDER BY peer, role").map(Self.record) }
    }

    /// The replica of the peer's log `id`. A replica of another log of this peer is forgotten, its extents too, and
    /// returned as `replaced`: its bytes are of no use any more.
    package func adopt(
        log id: LogID, of peer: PartyID
    ) throws(StoreError) -> (log: LogRecord, replaced: LogRecord?) {
        if let log = try log(for: peer, role: .replica), log.id == id { return (log, nil) }
        return try write { database in
            let old = try Self.row(of: peer, role: .replica, database).map(Self.record)
            // Another process may have been faster.
            if let old, old.id == id { return (old, nil) }
            try database.change(
                "DELETE FROM logs WHERE peer = ? AND role = ?", [peer.data, LogRole.replica.rawValue])
            return (try Self.make(id, for: peer, role: .replica, database), old)
        }
    }

    /// Allocates `bytes` addresses. They are this caller's for ever, whatever crashes, unless it releases them.
    package func reserve(bytes: Int, in log: LogRecord) throws(StoreError) -> AddressRange {
        guard bytes > 0, log.role == .own else { throw .invalidValue }
        return try write { database in
            let row = try Self.current(log, database)
            let next: UInt64 = try row.number("next")
            let range = AddressRange(address: next, length: bytes)
            guard UInt64(bytes) <= Limits.address, next <= Limits.address - UInt64(bytes) else {
                throw StoreError.logExhausted
            }
            try Self.setNext(range.end, row: row.integer("id"), database)
            return range
        }
    }

    /// Gives back the end of a reservation of which nothing was sent. Says whether the addresses can be used again:
    /// not if others were reserved since, or if an extent lies there.
    @discardableResult
    package func release(_ range: AddressRange, in log: LogRecord) throws(StoreError) -> Bool {
        guard range.length > 0, log.role == .own else { throw .invalidValue }
        return try write { database in
            let row = try Self.current(log, database)
            let next: UInt64 = try row.number("next")
            guard range.address <= Limits.address, range.end == next,
                try !Self.isOccupied(range, log: row.integer("id"), database)
            else { return false }
            try Self.setNext(range.address, row: row.integer("id"), database)
            return true
        }
    }
}

extension Store {
    /// The row of a log, or `staleLog` when it is not that log any more.
    static func current(_ log: LogRecord, _ database: Database) throws -> Row {
        guard let row = try row(of: log.peer, role: log.role, database),
            try row.identifier("log") == log.id
        else { throw StoreError.staleLog }
        return row
    }

    static func setNext(_ next: UInt64, row: Int64, _ database: Database) throws {
        try database.change("UPDATE logs SET next = ? WHERE id = ?", [Int64(next), row])
    }

    private static func row(of peer: PartyID, role: LogRole, _ database: Database) throws -> Row? {
        try database.row("SELECT * FROM logs WHERE peer = ? AND role = ?", [peer.data, role.rawValue])
    }

    private static func record(_ row: Row) throws -> LogRecord {
        LogRecord(
            peer: try row.identifier("peer"), role: try row.value("role"), id: try row.identifier("log"),
            next: try row.number("next"))
    }

    private static func make(
        _ id: LogID, for peer: PartyID, role: LogRole, _ database: Database
    ) throws -> LogRecord {
        try database.change(
            "INSERT INTO logs (peer, role, log, next) VALUES (?, ?, ?, 0)",
            [peer.data, role.rawValue, id.data])
        return LogRecord(peer: peer, role: role, id: id, next: 0)
    }
}
