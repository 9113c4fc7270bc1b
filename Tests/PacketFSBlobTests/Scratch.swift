import Crypto
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
        try Log(file: file(name), id: someLog(1), create: true)
    }
}

func randomBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var generator = SeededRandom(seed: seed)
    return generator.bytes(count)
}

func someLog(_ byte: UInt8) -> LogID {
    LogID(unchecked: [UInt8](repeating: byte, count: LogID.byteCount))
}

/// The digest of an extent of `someLog(1)`, as the specification has it.
func digest(_ bytes: [UInt8], at address: Int) throws -> [UInt8] {
    let key = SymmetricKey(data: SHA256.hash(data: Array("packetfs/1 extent".utf8) + someLog(1).bytes))
    var tags: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 256 << 10) {
        let nonce = (0..<12).map { UInt8(truncatingIfNeeded: $0 < 4 ? 0 : (address + start) >> (8 * (11 - $0))) }
        let piece = bytes[start..<min(bytes.count, start + 256 << 10)]
        tags += try AES.GCM.seal([UInt8](), using: key, nonce: .init(data: nonce), authenticating: piece).tag
    }
    return Array(SHA256.hash(data: tags))
}

func mode(of path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.posixPermissions] as? Int) ?? -1
}
