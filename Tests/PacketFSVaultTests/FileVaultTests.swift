import Crypto
import Foundation
import PacketFSSecrets
import PacketFSVault
import Testing

@Suite("File vault")
struct FileVaultTests {
    private let fields: [[UInt8]] = [[1, 2, 3], []]

    private func output(of vault: FileVault) throws -> [UInt8] {
        try vault.prf(.presharedKey, fields: fields).withUnsafeBytes { Array($0) }
    }

    @Test
    func `the function is one block of HKDF-Expand with the seed as PRK`() throws {
        let scratch = try Scratch()
        let vault = try FileVault.create(at: scratch.path("seed"), seed: testSeed())
        let expanded = HKDF<SHA256>.expand(
            pseudoRandomKey: [UInt8](repeating: 0x61, count: 32), info: KeyLabel.presharedKey.encoded(fields),
            outputByteCount: 32)
        #expect(try output(of: vault) == expanded.withUnsafeBytes { Array($0) })
    }

    @Test
    func `a vault answers the same once it is opened again`() throws {
        let scratch = try Scratch()
        let made = try FileVault.create(at: scratch.path("seed"), seed: testSeed())
        let opened = try FileVault(opening: scratch.path("seed"))
        #expect(try output(of: made) == output(of: opened))
    }

    @Test
    func `the file is private, and is all that is left in its folder`() throws {
        let scratch = try Scratch()
        _ = try FileVault.create(at: scratch.path("seed"), seed: testSeed())
        let mode = try FileManager.default.attributesOfItem(atPath: scratch.path("seed"))[.posixPermissions]
        #expect((mode as? NSNumber)?.intValue == 0o600)
        #expect(scratch.names == ["seed"])
    }

    @Test
    func `a seed is never overwritten`() throws {
        let scratch = try Scratch()
        _ = try FileVault.create(at: scratch.path("seed"), seed: testSeed(1))
        let before = try scratch.bytes("seed")
        #expect(throws: VaultError.alreadyExists) {
            _ = try FileVault.create(at: scratch.path("seed"), seed: testSeed(2))
        }
        #expect(try scratch.bytes("seed") == before)
        #expect(scratch.names == ["seed"])
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o601, 0o644, 0o666])
    func `a file that others can reach is refused`(mode: Int) throws {
        let scratch = try Scratch()
        _ = try FileVault.create(at: scratch.path("seed"), seed: testSeed())
        try scratch.setMode(mode, of: "seed")
        #expect(throws: VaultError.readableByOthers) { _ = try FileVault(opening: scratch.path("seed")) }
    }

    @Test(.enabled(if: geteuid() == 0, "skipped: only root can give a file away"))
    func `a file of another user is refused`() throws {
        let scratch = try Scratch()
        _ = try FileVault.create(at: scratch.path("seed"), seed: testSeed())
        #expect(chown(scratch.path("seed"), 65_534, 65_534) == 0)
        #expect(throws: VaultError.foreignOwner) { _ = try FileVault(opening: scratch.path("seed")) }
    }

    @Test
    func `links, folders, pipes and second names are refused`() throws {
        let scratch = try Scratch()
        _ = try FileVault.create(at: scratch.path("seed"), seed: testSeed())
        try FileManager.default.createSymbolicLink(atPath: scratch.path("link"), withDestinationPath: "seed")
        try FileManager.default.createDirectory(atPath: scratch.path("folder"), withIntermediateDirectories: false)
        #expect(mkfifo(scratch.path("pipe"), 0o600) == 0)
        for name in ["link", "folder", "pipe"] {
            #expect(throws: VaultError.notAPlainFile) { _ = try FileVault(opening: scratch.path(name)) }
        }
        try FileManager.default.linkItem(atPath: scratch.path("seed"), toPath: scratch.path("second"))
        #expect(throws: VaultError.notAPlainFile) { _ = try FileVault(opening: scratch.path("seed")) }
    }

    @Test
    func `a missing file is said to be missing`() throws {
        let scratch = try Scratch()
        #expect(throws: VaultError.notFound) { _ = try FileVault(opening: scratch.path("seed")) }
        #expect(throws: VaultError.notFound) {
            _ = try FileVault.create(at: scratch.path("no/seed"), seed: testSeed())
        }
    }

    @Test
    func `every cut of the file, and a byte too many, is refused`() throws {
        let scratch = try Scratch()
        _ = try FileVault.create(at: scratch.path("seed"), seed: testSeed())
        let whole = try scratch.bytes("seed")
        for count in 0..<whole.count {
            let path = try scratch.write(Array(whole.prefix(count)), to: "cut")
            #expect(throws: VaultError.malformed) { _ = try FileVault(opening: path) }
        }
        let path = try scratch.write(whole + [0], to: "long")
        #expect(throws: VaultError.malformed) { _ = try FileVault(opening: path) }
    }

    @Test
    func `another format and a newer version are told apart`() throws {
        let scratch = try Scratch()
        _ = try FileVault.create(at: scratch.path("seed"), seed: testSeed())
        var bytes = try scratch.bytes("seed")
        bytes[7] = 2
        let newer = try scratch.write(bytes, to: "newer")
        #expect(throws: VaultError.unknownVersion) { _ = try FileVault(opening: newer) }
        bytes[0] ^= 1
        let other = try scratch.write(bytes, to: "other")
        #expect(throws: VaultError.malformed) { _ = try FileVault(opening: other) }
    }

    @Test
    func `destroying removes the file, but never one that is not private`() throws {
        let scratch = try Scratch()
        _ = try FileVault.create(at: scratch.path("seed"), seed: testSeed())
        try scratch.setMode(0o644, of: "seed")
        #expect(throws: VaultError.readableByOthers) { try FileVault.destroy(scratch.path("seed")) }
        try scratch.setMode(0o600, of: "seed")
        try FileVault.destroy(scratch.path("seed"))
        #expect(scratch.names.isEmpty)
        #expect(throws: VaultError.notFound) { try FileVault.destroy(scratch.path("seed")) }
    }

    @Test
    func `destroying overwrites the bytes in place`() throws {
        let scratch = try Scratch()
        _ = try FileVault.create(at: scratch.path("seed"), seed: testSeed())
        let handle = try FileHandle(forReadingFrom: scratch.folder.appending(path: "seed"))
        try FileVault.destroy(scratch.path("seed"))
        let left = try #require(try handle.readToEnd())
        #expect(left.count == 40 && left.allSatisfy { $0 == 0 })
    }

    @Test
    func `a vault shows nothing of its seed when printed`() throws {
        let scratch = try Scratch()
        let vault = try FileVault.create(at: scratch.path("seed"), seed: testSeed())
        var dumped = ""
        dump(vault, to: &dumped)
        for text in ["\(vault)", String(reflecting: vault), dumped] {
            #expect(!text.contains("97") && !text.contains("6161") && !text.contains("aaaa"))
        }
        #expect(Mirror(reflecting: vault).children.isEmpty)
    }
}
