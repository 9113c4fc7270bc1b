import Foundation
import GRDB
package import PacketFSWire

extension Store {
    /// Journals a transfer before its first effect. Throws `duplicateTransfer` if its id is in the journal.
    package func begin(_ transfer: TransferRecord) throws(StoreError) {
        let summary = transfer.summary
        try write { database in
            guard try Self.transfers(database, where: "id = ?", [summary.id.data]).isEmpty else {
                throw StoreError.duplicateTransfer
            }
            try database.change(
                """
                INSERT INTO transfers
                    (id, peer, role, destination, root, rootIdentity, startedAt, manifest, statKeys)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    summary.id.data, summary.peer.data, summary.role.rawValue, summary.destination, summary.root,
                    Data(summary.rootIdentity), summary.startedAt, Data(transfer.manifest), Data(transfer.statKeys),
                ])
        }
    }

    /// Replaces what a journalled transfer remembers of files.
    package func amend(_ id: TransferID, statKeys: [UInt8]) throws(StoreError) {
        try write { database in
            try database.change("UPDATE transfers SET statKeys = ? WHERE id = ?", [Data(statKeys), id.data])
            guard database.changesCount == 1 else { throw StoreError.unknownTransfer }
        }
    }

    /// Takes the transfer out of the journal: it is done, or given up. Says whether it was there.
    @discardableResult
    package func finish(_ id: TransferID) throws(StoreError) -> Bool {
        try write { database in
            try database.change("DELETE FROM transfers WHERE id = ?", [id.data])
            return database.changesCount > 0
        }
    }

    package func transfer(_ id: TransferID) throws(StoreError) -> TransferRecord? {
        try read { try Self.record($0, where: "id = ?", [id.data]) }
    }

    /// All transfers in the journal, in the order in which they were begun.
    package func transfers() throws(StoreError) -> [TransferSummary] {
        try read { try Self.transfers($0, where: "TRUE", []) }
    }

    /// Those of one kind.
    package func transfers(
        peer: PartyID, role: TransferRole, destination: String
    ) throws(StoreError) -> [TransferSummary] {
        try read { database in
            try Self.transfers(
                database, where: "peer = ? AND role = ? AND destination = ?", [peer.data, role.rawValue, destination])
        }
    }

    /// Those of one peer and role that are too many, the oldest first.
    package func transfers(
        of peer: PartyID, _ role: TransferRole, beyond quota: PeerQuota
    ) throws(StoreError) -> [TransferSummary] {
        try read { database in
            let lengths: [Int] = try database.rows(
                """
                SELECT length(manifest) + length(statKeys) AS length FROM transfers WHERE peer = ? AND role = ?
                ORDER BY ordinal DESC
                """, [peer.data, role.rawValue]
            ).map { try $0.number("length") }
            return try Self.transfers(database, where: "peer = ? AND role = ?", [peer.data, role.rawValue])
                .dropLast(quota.kept(of: lengths))
        }
    }
}

extension Store {
    private static let columns = "id, peer, role, destination, root, rootIdentity, startedAt"

    private static func transfers(
        _ database: Database, where condition: String, _ arguments: StatementArguments
    ) throws -> [TransferSummary] {
        let sql = "SELECT \(columns) FROM transfers WHERE \(condition) ORDER BY ordinal"
        return try database.rows(sql, arguments).map(summary)
    }

    private static func record(
        _ database: Database, where condition: String, _ arguments: StatementArguments
    ) throws -> TransferRecord? {
        let sql = "SELECT * FROM transfers WHERE \(condition)"
        return try database.row(sql, arguments).map { row in
            TransferRecord(
                summary: try summary(row), manifest: try row.bytes("manifest"), statKeys: try row.bytes("statKeys"))
        }
    }

    private static func summary(_ row: Row) throws -> TransferSummary {
        TransferSummary(
            id: try row.identifier("id"), peer: try row.identifier("peer"), role: try row.value("role"),
            destination: try row.text("destination"), root: try row.text("root"),
            rootIdentity: try row.bytes("rootIdentity"),
            startedAt: try row.integer("startedAt"))
    }
}
