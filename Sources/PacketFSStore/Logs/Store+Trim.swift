import Foundation
import GRDB
package import PacketFSWire

extension Store {
    /// The extents to drop, oldest first, so that at most `quota` bytes stay in the log once `others` are dropped, too.
    package func oldest(
        beyond quota: UInt64, in log: LogRecord, besides others: Set<Extent> = []
    ) throws(StoreError) -> [ExtentRecord] {
        try read { database in
            let id = try Self.current(log, database).integer("id")
            let sql = "SELECT * FROM extents WHERE log = ? ORDER BY learnedAt DESC, address DESC"
            var kept: UInt64 = 0
            var surplus: [ExtentRecord] = []
            let rows = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: [id])
            while let row = try rows.next() {
                let record = try Self.extent(row)
                guard !others.contains(record.extent) else { continue }
                let length = UInt64(record.extent.range.length)
                // Once one is dropped all older ones are, also where a short one would still fit.
                if surplus.isEmpty, kept + length <= quota {
                    kept += length
                } else {
                    surplus.append(record)
                }
            }
            return surplus.reversed()
        }
    }

    /// The extents of manifests alone, which hold names.
    package func manifests(in log: LogRecord) throws(StoreError) -> [ExtentRecord] {
        try read { database in
            let id = try Self.current(log, database).integer("id")
            return try Self.extents(database, log: id, where: "transfer IS NOT NULL AND lastPath = x''")
        }
    }

    /// What a peer added to its log: a replica's extents of no transfer, of which no path is known.
    package func added(in log: LogRecord) throws(StoreError) -> LogUsage {
        guard log.role == .replica else { return LogUsage(extents: 0, bytes: 0) }
        return try usage(of: log, where: "transfer IS NULL")
    }

    /// The extents that may hold bytes of `path` or of what is beneath it: those whose range of paths, in manifest
    /// order, overlaps it. The empty path is the root, and all extents are beneath it.
    package func extents(touching path: [UInt8], in log: LogRecord) throws(StoreError) -> [ExtentRecord] {
        try read { database in
            let id = try Self.current(log, database).integer("id")
            guard !path.isEmpty else { return try Self.extents(database, log: id, where: "TRUE") }
            let first = PathKey.key(path)
            // Zero bytes join components, so what is beneath a path sorts before the path with a byte 1 behind it.
            return try Self.extents(
                database, log: id, where: "lastPath >= ? AND firstPath < ?", [Data(first), Data(first + [1])])
        }
    }
}
