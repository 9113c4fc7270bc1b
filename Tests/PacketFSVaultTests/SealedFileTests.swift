import Foundation
import PacketFSSecrets
import Testing

@testable import PacketFSVault

@Suite("Sealed file")
struct SealedFileTests {
    private let scratch: Scratch
    private let answers = Answers("correct horse")

    init() throws {
        scratch = try Scratch()
    }

    private func place(_ name: String, _ answers: Answers) -> FilePlace {
        FilePlace(path: scratch.path(name), sealing: .passphrase, ask: answers.ask, cost: .least)
    }

    private func sealed() throws -> [UInt8] {
        _ = try place("seed", answers).keep(testSeed())
        return try scratch.bytes("seed")
    }

    @Test
    func `the example is that of the specification`() throws {
        let seed = [UInt8](repeating: 7, count: 32)
        let file = try seed.span.bytes.withUnsafeBytes { bytes throws(VaultError) in
            try SealedFile.seal(
                bytes, as: .seed, under: SecretText("packetfs"), cost: .least,
                salt: [UInt8](repeating: 0x51, count: 16), nonce: [UInt8](repeating: 0x52, count: 24))
        }
        #expect(try file == Self.example())
    }

    /// The hexadecimal lines of `Specs/seeds.md` §7.
    private static func example() throws -> [UInt8] {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: package.appending(path: "Specs/seeds.md"), encoding: .utf8)
        let start = try #require(page.range(of: "Sealed seed file:")).upperBound
        return page[start...].split(separator: "\n").prefix { $0.hasPrefix("    ") }.joined(separator: " ")
            .split(separator: " ").compactMap { UInt8($0, radix: 16) }
    }

    @Test
    func `the file is private, its header is open, and the seed is not in it`() throws {
        let bytes = try sealed()
        #expect(bytes.count == 105)
        #expect(Array(bytes.prefix(17)) == Array("PFSSEAL".utf8) + [1, 1, 0, 0, 0, 1, 0, 0, 0x20, 0])
        #expect(!bytes.indices.dropLast(4).contains { bytes[$0..<$0 + 4].allSatisfy { $0 == 0x61 } })
        let mode = try FileManager.default.attributesOfItem(atPath: scratch.path("seed"))[.posixPermissions]
        #expect((mode as? NSNumber)?.intValue == 0o600)
        #expect(answers.questions == [.newPassphrase(file: scratch.path("seed"))])
    }

    @Test
    func `two files of one seed and passphrase have nothing in common`() throws {
        let first = try sealed()
        _ = try place("other", answers).keep(testSeed())
        let second = try scratch.bytes("other")
        #expect(first[17..<57] != second[17..<57])
        #expect(first[57...] != second[57...])
    }

    @Test
    func `a wrong passphrase, an empty one, and nobody are told apart`() throws {
        _ = try sealed()
        #expect(throws: VaultError.wrongSecret) { _ = try place("seed", Answers("incorrect horse")).open() }
        #expect(throws: VaultError.wrongSecret) { _ = try place("seed", Answers("")).open() }
        #expect(throws: VaultError.secretNeeded) { _ = try place("seed", Answers(nil)).open() }
        #expect(throws: VaultError.secretNeeded) { _ = try place("new", Answers("")).keep(testSeed()) }
        #expect(throws: VaultError.secretNeeded) { _ = try place("new", Answers(nil)).keep(testSeed()) }
        #expect(scratch.names == ["seed"])
    }

    /// Flips in passes and memory may leave the bounds, which is refused before any work is done.
    @Test
    func `every flipped bit and every cut is refused`() throws {
        let whole = try sealed()
        for bit in [0, 63, 64, 65] + Array(stride(from: 17 * 8, to: whole.count * 8, by: 7)) {
            var flipped = whole
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            _ = try scratch.write(flipped, to: "flipped")
            #expect(throws: VaultError.self, "bit \(bit)") { _ = try place("flipped", answers).open() }
        }
        for count in [0, 7, 8, 9, 16, 56, 57, 72, 73, 104] {
            _ = try scratch.write(Array(whole.prefix(count)), to: "cut")
            #expect(throws: VaultError.self, "cut to \(count)") { _ = try place("cut", answers).open() }
        }
        _ = try scratch.write(whole + [0], to: "long")
        #expect(throws: VaultError.wrongSecret) { _ = try place("long", answers).open() }
    }

    @Test(
        arguments: [
            (0, 8 << 10), (17, 8 << 10), (.max, 8 << 10), (1, (8 << 10) - 1), (1, (1 << 20) + 1), (1, 0), (1, .max),
        ] as [(UInt32, UInt32)])
    func `costs out of bounds are refused before anybody is asked`(passes: UInt32, kibibytes: UInt32) throws {
        var file = try sealed()
        let asked = answers.questions.count
        for (offset, value) in [(9, passes), (13, kibibytes)] {
            for byte in 0..<4 { file[offset + byte] = UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * byte)) }
        }
        _ = try scratch.write(file, to: "dear")
        #expect(throws: VaultError.costOutOfBounds) { _ = try place("dear", answers).open() }
        #expect(answers.questions.count == asked)
    }

    @Test
    func `a changed cost within the bounds does not open the file`() throws {
        var file = try sealed()
        file[12] = 2
        _ = try scratch.write(file, to: "changed")
        #expect(throws: VaultError.wrongSecret) { _ = try place("changed", answers).open() }
    }

    @Test
    func `a backup is no seed, and a seed no backup`() throws {
        let peer = try PeerFile(
            seed: testSeed(), name: .first, exporter: .numbered(1), importer: .numbered(2), host: "h")
        try peer.backUp(to: scratch.path("backup"), ask: answers.ask)
        #expect(throws: VaultError.malformed) { _ = try place("backup", answers).open() }
        _ = try sealed()
        #expect(throws: VaultError.malformed) {
            _ = try PeerFile(restoring: scratch.path("seed"), ask: answers.ask)
        }
        let back = try PeerFile(restoring: scratch.path("backup"), ask: answers.ask)
        let isSame = back.seed.isEqual(to: testSeed())
        #expect(isSame && back.name == .first && back.exporter == .numbered(1))
        #expect(throws: VaultError.alreadyExists) { try peer.backUp(to: scratch.path("backup"), ask: answers.ask) }
    }

    @Test
    func `where that is left to the answer, an empty one or nobody to ask leaves a file unsealed`() throws {
        func place(_ name: String, _ ask: SecretAsking?) -> FilePlace {
            FilePlace(path: scratch.path(name), sealing: .asAnswered, ask: ask, cost: .least)
        }
        for (name, ask, magic) in [
            ("empty", Answers("").ask, "PFSSEED"), ("nobody", nil, "PFSSEED"), ("sealed", Answers("x").ask, "PFSSEAL"),
        ] as [(String, SecretAsking?, String)] {
            _ = try place(name, ask).keep(testSeed())
            #expect(try scratch.bytes(name).starts(with: Array(magic.utf8)))
        }
        #expect(throws: VaultError.secretNeeded) { _ = try place("declined", Answers(nil).ask).keep(testSeed()) }
        #expect(!scratch.names.contains("declined"))
    }
}
