import Foundation
import GRDB
package import PacketFSWire

extension Store {
    /// The encoded snapshot of the last transfer of this kind that finished, or `nil`.
    package func snapshot(
        peer: PartyID, role: TransferRole, destination: String
    ) throws(StoreError) -> [UInt8]? {
        try read { database in
            try database.row(
                "SELECT snapshot FROM snapshots WHERE peer = ? AND role = ? AND destination = ?",
                [peer.data, role.rawValue, destination]
            ).map { try $0.bytes("snapshot") }
        }
    }

    /// `time`: when it was used last, in seconds since 1970.
    package func saveSnapshot(
        _ snapshot: [UInt8], peer: PartyID, role: TransferRole, destination: String, at time: Int64
    ) throws(StoreError) {
        try write { database in
            try database.change(
                """
                INSERT INTO snapshots (peer, role, destination, snapshot, usedAt) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (peer, role, destination)
                DO UPDATE SET snapshot = excluded.snapshot, usedAt = excluded.usedAt
                """,
                [peer.data, role.rawValue, destination, Data(snapshot), time])
        }
    }

    /// The snapshot, if there is one, is still right.
    package func touchSnapshot(
        peer: PartyID, role: TransferRole, destination: String, at time: Int64
    ) throws(StoreError) {
        try write { database in
            try database.change(
                "UPDATE snapshots SET usedAt = ? WHERE peer = ? AND role = ? AND destination = ?",
                [time, peer.data, role.rawValue, destination])
        }
    }

    /// Drops those of a peer's snapshots that were used last before `time`, and of the others, those used least recently,
    /// until they are no more than `quota`; the one that was used last stays.
    package func dropSnapshots(of peer: PartyID, before time: Int64, beyond quota: PeerQuota) throws(StoreError) {
        try write { database in
            let rows = try database.rows(
                """
                SELECT ordinal, usedAt, length(snapshot) AS length FROM snapshots WHERE peer = ?
                ORDER BY usedAt DESC, ordinal DESC
                """, [peer.data])
            let kept = quota.kept(of: try rows.map { try $0.number("length") })
            for (number, row) in rows.enumerated() where try number >= kept || row.integer("usedAt") < time {
                try database.change("DELETE FROM snapshots WHERE ordinal = ?", [row.integer("ordinal")])
            }
        }
    }
}
