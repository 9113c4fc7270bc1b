import GRDB

extension Store {
    /// What was dropped of an own log. What `holdings` says afterwards is without it.
    package func drops(in log: LogRecord) throws(StoreError) -> LogDrops {
        try read { database in
            let row = try Self.current(log, database)
            return LogDrops(count: try row.number("drops"), told: try row.number("dropsTold"))
        }
    }

    /// The peer holds nothing any more of what `drops` counts.
    package func tell(_ drops: LogDrops, in log: LogRecord) throws(StoreError) {
        try write { database in
            let row = try Self.current(log, database).integer("id")
            try database.change(
                "UPDATE logs SET dropsTold = max(dropsTold, ?) WHERE id = ?", [Int64(drops.count), row])
        }
    }
}
