import Foundation
import PacketFSBlob
import PacketFSTestKit
import PacketFSWire

/// A folder of one test, gone with it.
final class Scratch {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "packetfs-blob-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { path + "/" + name }

    func log(_ name: String = "log") throws -> Log {
        try Log(file: file(name), create: true)
    }
}

func randomBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var generator = SeededRandom(seed: seed)
    return generator.bytes(count)
}

func someLog(_ byte: UInt8) -> LogID {
    LogID(unchecked: [UInt8](repeating: byte, count: LogID.byteCount))
}

func mode(of path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.posixPermissions] as? Int) ?? -1
}
