import Foundation
import PacketFSSecrets
import PacketFSVault
import PacketFSWire
import Synchronization

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

extension SeedName {
    static let first = SeedName(generation: 0, id: SeedID(unchecked: [UInt8](repeating: 0xd5, count: 16)))
}

extension SecretText {
    convenience init(_ text: String) {
        self.init { buffer in
            buffer.copyBytes(from: text.utf8)
            return text.utf8.count
        }
    }
}

/// Answers every question alike, and counts them.
final class Answers: Sendable {
    private let asked = Mutex<[SecretQuestion]>([])
    let text: String?

    init(_ text: String?) { self.text = text }

    var questions: [SecretQuestion] { asked.withLock(\.self) }

    var ask: SecretAsking {
        { question in
            self.asked.withLock { $0.append(question) }
            return self.text.map { SecretText($0) }
        }
    }
}
