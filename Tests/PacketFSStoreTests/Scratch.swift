import Foundation
import PacketFSStore
import PacketFSWire

/// A folder of its own that goes with the value.
final class Scratch: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("packetfs-\(UUID().uuidString)").path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var database: String { path + "/state.db" }

    func store() throws -> Store { try Store(folder: path) }

    func makeFolder(mode: Int) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try setPermissions(mode, path)
    }

    /// Overwrites bytes of the database file, which no store may have open.
    func patch(_ bytes: [UInt8], at offset: UInt64) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: database))
        try file.seek(toOffset: offset)
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }
}

func permissions(_ path: String) throws -> Int? {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue
}

func setPermissions(_ mode: Int, _ path: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
}

func bytes(_ value: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: value, count: count) }
func party(_ value: UInt8) -> PartyID { PartyID(unchecked: bytes(value, 16)) }
func transferID(_ value: UInt8) -> TransferID { TransferID(unchecked: bytes(value, 16)) }
func logID(_ value: UInt8) -> LogID { LogID(unchecked: bytes(value, 16)) }

func peer(_ value: UInt8, name: String? = nil) -> PeerRecord {
    PeerRecord(name: name ?? "peer\(value)", party: party(value), own: party(value + 100), createdAt: 1)
}

func seed(_ value: UInt8, generation: UInt32 = 0, of owner: UInt8 = 1) -> SeedRecord {
    SeedRecord(
        party: party(owner), name: SeedName(generation: generation, id: SeedID(unchecked: bytes(value, 16))),
        vaultURI: "file:\(owner)-\(generation)-\(value)")
}

func extent(_ address: UInt64, _ length: Int, digest: UInt8 = 0xd1) -> Extent {
    Extent(range: AddressRange(address: address, length: length), digest: bytes(digest, 32))
}

func record(
    _ extent: Extent, _ state: ExtentState = .pending, paths: (String, String) = ("", ""), at time: Int64 = 0
) -> ExtentRecord {
    ExtentRecord(
        extent: extent, state: state, transfer: nil, firstPath: Array(paths.0.utf8), lastPath: Array(paths.1.utf8),
        learnedAt: time)
}
