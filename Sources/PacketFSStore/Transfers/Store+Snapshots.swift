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

    package func saveSnapshot(
        _ snapshot: [UInt8], peer: PartyID, role: TransferRole, destination: String
    ) throws(StoreError) {
        try write { database in
            try database.change(
                """
                INSERT INTO snapshots (peer, role, destination, snapshot) VALUES (?, ?, ?, ?)
                ON CONFLICT (peer, role, destination) DO UPDATE SET snapshot = excluded.snapshot
                """,
                [peer.data, role.rawValue, destination, Data(snapshot)])
        }
    }

    /// Says whether there was one.
    @discardableResult
    package func removeSnapshot(
        peer: PartyID, role: TransferRole, destination: String
    ) throws(StoreError) -> Bool {
        try write { database in
            try database.change(
                "DELETE FROM snapshots WHERE peer = ? AND role = ? AND destination = ?",
                [peer.data, role.rawValue, destination])
            return database.changesCount > 0
        }
    }
}
