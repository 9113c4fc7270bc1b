import Foundation
import PacketFSStore
import PacketFSWire
import Testing

/// A folder of its own that goes with the value.
final class Scratch: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("packetfs-\(UUID().uuidString)").path
    }

    var database: String { path + "/state.db" }
    func store() throws -> Store { try Store(folder: path) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

func bytes(_ value: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: value, count: count) }
func party(_ value: UInt8) -> PartyID { PartyID(unchecked: bytes(value, 16)) }
func transfer(_ value: UInt8) -> TransferID { TransferID(unchecked: bytes(value, 16)) }
func log(_ value: UInt8) -> LogID { LogID(unchecked: bytes(value, 16)) }

func peer(_ value: UInt8, name: String? = nil) -> PeerRecord {
    PeerRecord(name: name ?? "peer\(value)", party: party(value), own: PartyID(unchecked: [UInt8](repeating: 0xee, count: 16)),
        vaultURI: "file:x", createdAt: 1)
}

func permissions(_ path: String) throws -> Int? {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue
}

@Suite struct StoreTests {
    @Test func identityIsMadeOnceAndSurvivesReopening() throws {
        let scratch = Scratch()
        let first = try scratch.store().identity()
        #expect(try scratch.store().identity() == first)
        #expect(try Scratch().store().identity() != first)
    }

    @Test func everyFileIsPrivate() throws {
        let scratch = Scratch()
        let store = try scratch.store()
        try store.add(peer(1))
        #expect(try permissions(scratch.path) == 0o700)
        let files = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        #expect(files.sorted() == ["state.db", "state.db-shm", "state.db-wal"])
        for file in files { #expect(try permissions(scratch.path + "/" + file) == 0o600) }
    }
}
