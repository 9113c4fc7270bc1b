import Foundation
import GRDB
package import PacketFSWire

extension Store {
    /// Adds extents, all or none. Throws `overlappingExtent` if one overlaps another or one that the log has,
    /// `notReserved` if one of an own log lies beyond what was reserved.
    package func insert(_ records: [ExtentRecord], in log: LogRecord) throws(StoreError) {
        for record in records { try Self.check(record) }
        guard !records.isEmpty else { return }
        try write { database in
            let row = try Self.current(log, database)
            let next: UInt64 = try row.number("next")
            let end = records.reduce(0) { max($0, $1.extent.range.end) }
            guard log.role == .replica || end <= next else { throw StoreError.notReserved }
            try Self.insert(records, log: row.integer("id"), database)
            if end > next { try Self.setNext(end, row: row.integer("id"), database) }
        }
    }

    /// All extents of the log, by address.
    package func extents(in log: LogRecord) throws(StoreError) -> [ExtentRecord] {
        try read { database in
            let row = try Self.current(log, database)
            return try Self.extents(database, log: row.integer("id"), where: "TRUE")
        }
    }

    /// The addresses of all extents of the log, ascending, neighbours as one.
    package func occupied(in log: LogRecord) throws(StoreError) -> [AddressRange] {
        try read { database in
            let id = try Self.current(log, database).integer("id")
            let sql = "SELECT address, length FROM extents WHERE log = ? ORDER BY address"
            var ranges: [AddressRange] = []
            let rows = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: [id])
            while let row = try rows.next() {
                let range = try row.range()
                guard let last = ranges.indices.last, range.address <= ranges[last].end else {
                    ranges.append(range)
                    continue
                }
                guard range.address == ranges[last].end else { throw StoreError.corrupted }
                ranges[last].length += range.length
            }
            return ranges
        }
    }

    package func usage(of log: LogRecord) throws(StoreError) -> LogUsage {
        try usage(of: log, where: "TRUE")
    }

    func usage(of log: LogRecord, where condition: String) throws(StoreError) -> LogUsage {
        try read { database in
            let id = try Self.current(log, database).integer("id")
            let sql = """
                SELECT count(*) AS extents, coalesce(sum(length), 0) AS bytes FROM extents
                WHERE log = ? AND (\(condition))
                """
            guard let row = try database.row(sql, [id]) else { throw StoreError.corrupted }
            return LogUsage(extents: try row.number("extents"), bytes: try row.number("bytes"))
        }
    }

    /// Forgets those of `extents` that the log has with the same range and digest, and returns them.
    @discardableResult
    package func drop(_ extents: [Extent], in log: LogRecord) throws(StoreError) -> [Extent] {
        try write { database in
            try Self.drop(extents, log: Self.current(log, database).integer("id"), database)
        }
    }
}

extension Store {
    static func drop(_ extents: [Extent], log: Int64, _ database: Database) throws -> [Extent] {
        let statement = try database.cachedStatement(
            sql: "DELETE FROM extents WHERE log = ? AND address = ? AND length = ? AND digest = ?")
        return try extents.filter { extent in
            guard extent.range.address <= Limits.address else { return false }
            try statement.execute(arguments: key(extent, log: log))
            return database.changesCount > 0
        }
    }

    static func extents(
        _ database: Database, log: Int64, where condition: String, _ arguments: StatementArguments = []
    ) throws -> [ExtentRecord] {
        let sql = "SELECT * FROM extents WHERE log = ? AND (\(condition)) ORDER BY address"
        var records: [ExtentRecord] = []
        let rows = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: [log] + arguments)
        while let row = try rows.next() { records.append(try extent(row)) }
        return records
    }

    /// Whether an extent overlaps `range`. Extents are disjoint, so only the last one that begins before its end can.
    static func isOccupied(_ range: AddressRange, log: Int64, _ database: Database) throws -> Bool {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT address, length FROM extents WHERE log = ? AND address < ? ORDER BY address DESC LIMIT 1
                    """),
            arguments: [log, Int64(range.end)])
        guard let row else { return false }
        return try row.range().end > range.address
    }

    static func extent(_ row: Row) throws -> ExtentRecord {
        let digest = try row.bytes("digest")
        guard digest.count == Limits.digest else { throw StoreError.corrupted }
        return ExtentRecord(
            extent: Extent(range: try row.range(), digest: digest), state: try row.value("state"),
            transfer: try row.optionalIdentifier("transfer"),
            firstPath: PathKey.path(try row.bytes("firstPath")), lastPath: PathKey.path(try row.bytes("lastPath")),
            learnedAt: try row.integer("learnedAt"))
    }

    private static func insert(_ records: [ExtentRecord], log: Int64, _ database: Database) throws {
        let count = try Int.fetchOne(
            database.cachedStatement(sql: "SELECT count(*) FROM extents WHERE log = ?"), arguments: [log])
        guard let count, count + records.count <= Limits.extents else { throw StoreError.tooManyExtents }
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO extents
                    (log, address, length, digest, state, transfer, firstPath, lastPath, learnedAt)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for record in records {
            guard try !isOccupied(record.extent.range, log: log, database) else { throw StoreError.overlappingExtent }
            try statement.execute(
                arguments: key(record.extent, log: log) + [
                    record.state.rawValue, record.transfer?.data, Data(PathKey.key(record.firstPath)),
                    Data(PathKey.key(record.lastPath)), record.learnedAt,
                ])
        }
    }

    private static func key(_ extent: Extent, log: Int64) -> StatementArguments {
        [log, Int64(extent.range.address), extent.range.length, Data(extent.digest)]
    }

    private static func check(_ record: ExtentRecord) throws(StoreError) {
        let range = record.extent.range
        guard range.fitsExtent, record.extent.digest.count == Limits.digest,
            !record.firstPath.contains(0), !record.lastPath.contains(0),
            !PathKey.key(record.lastPath).lexicographicallyPrecedes(PathKey.key(record.firstPath))
        else { throw .invalidValue }
    }
}
