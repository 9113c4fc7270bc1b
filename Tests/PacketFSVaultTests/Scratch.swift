import Foundation
import PacketFSSecrets
import PacketFSWire

/// A folder for one test, removed with it.
final class Scratch {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "packetfs-vault-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    func write(_ bytes: [UInt8], to name: String, mode: Int = 0o600) throws -> String {
        try Data(bytes).write(to: folder.appending(path: name))
        try setMode(mode, of: name)
        return path(name)
    }

    func setMode(_ mode: Int, of name: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path(name))
    }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: name))) }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] }
}

func testSeed(_ byte: UInt8 = 0x61) -> SecretKey<Seed> {
    [UInt8](repeating: byte, count: 32).span.bytes.withUnsafeBytes { SecretKey(copying: $0) }
}

extension PartyID {
    static func numbered(_ number: UInt8) -> PartyID {
        PartyID(unchecked: [UInt8](repeating: number, count: 16))
    }
}
