import GRDB
package import PacketFSWire

extension Store {
    /// What the replica holds: of an own log what the peer acknowledged, of a replica what is whole.
    package func holdings(of log: LogRecord) throws(StoreError) -> Holdings {
        let extents = try read { database in
            let id = try Self.current(log, database).integer("id")
            return try Self.extents(database, log: id, where: "state = ?", [Self.usable(log.role).rawValue])
        }
        do {
            return try Holdings(log: log.id, extents: extents.map(\.extent))
        } catch {
            throw .corrupted
        }
    }

    /// The peer said that it holds these. Those that are pending here with the same range and digest become
    /// acknowledged and are returned; others are ignored.
    @discardableResult
    package func acknowledge(_ extents: [Extent], in log: LogRecord) throws(StoreError) -> [Extent] {
        guard log.role == .own else { throw .invalidValue }
        return try write { database in
            try Self.acknowledge(extents, log: Self.current(log, database).integer("id"), database)
        }
    }

    /// The peer told all that it really holds. What is pending or acknowledged here and among it, with the same range
    /// and digest, is acknowledged from now on; what was acknowledged, or left pending by an interrupted transfer, and is
    /// not among it is dropped and returned.
    @discardableResult
    package func replaceAcknowledged(
        by extents: [Extent], in log: LogRecord
    ) throws(StoreError) -> (holdings: Holdings, dropped: [Extent]) {
        guard log.role == .own else { throw .invalidValue }
        return try transaction { () throws(StoreError) in
            let held = Set(extents)
            let lost = try holdings(of: log).extents.filter { !held.contains($0) }
            try acknowledge(extents, in: log)
            let dropped = try drop(lost + interrupted(in: log), in: log)
            return (try holdings(of: log), dropped)
        }
    }

    /// What transfers left pending that nobody runs any more: they lost their receipt, or did not come so far. The peer
    /// may still say that it holds some of it, and nothing else will be made of it. What was provisioned is to be sent yet.
    package func interrupted(in log: LogRecord) throws(StoreError) -> [Extent] {
        let pending = try read { database in
            let id = try Self.current(log, database).integer("id")
            return try Self.extents(
                database, log: id, where: "state = ? AND transfer IS NOT NULL", [ExtentState.pending.rawValue])
        }
        var running: Set<TransferID> = []
        for transfer in Set(pending.compactMap(\.transfer)) {
            if try isRunning(transfer) { running.insert(transfer) }
        }
        return pending.filter { !($0.transfer.map(running.contains) ?? true) }.map(\.extent)
    }

    private static func usable(_ role: LogRole) -> ExtentState {
        switch role {
        case .own: .acknowledged
        case .replica: .held
        }
    }

    private static func acknowledge(_ extents: [Extent], log: Int64, _ database: Database) throws -> [Extent] {
        let pending = try Set(
            Self.extents(database, log: log, where: "state = ?", [ExtentState.pending.rawValue]).map(\.extent))
        let known = extents.filter(pending.contains)
        let statement = try database.cachedStatement(sql: "UPDATE extents SET state = ? WHERE log = ? AND address = ?")
        for extent in known {
            try statement.execute(
                arguments: [ExtentState.acknowledged.rawValue, log, Int64(extent.range.address)])
        }
        return known
    }
}
