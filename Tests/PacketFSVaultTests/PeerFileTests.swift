import Foundation
import PacketFSSecrets
import PacketFSVault
import PacketFSWire
import Testing

@Suite("Peer file")
struct PeerFileTests {
    private func file(host: String = "ship-7 ⚓", usesMLKEM: Bool = true) throws -> PeerFile {
        let name = SeedName(generation: 0x0102_0304, id: SeedName.first.id)
        return try PeerFile(
            seed: testSeed(), name: name, exporter: .numbered(1), importer: .numbered(2), usesMLKEM: usesMLKEM,
            host: host, address: "hq.example:4747")
    }

    @Test(arguments: [true, false])
    func `what is written is read`(usesMLKEM: Bool) throws {
        let scratch = try Scratch()
        try file(usesMLKEM: usesMLKEM).write(to: scratch.path("peer"))
        let read = try PeerFile(reading: scratch.path("peer"))
        let original = testSeed()
        let isSame = read.seed.isEqual(to: original)
        #expect(isSame)
        #expect(read.exporter == .numbered(1))
        #expect(read.importer == .numbered(2))
        #expect(read.usesMLKEM == usesMLKEM)
        #expect(read.name == SeedName(generation: 0x0102_0304, id: SeedName.first.id))
        #expect(read.host == "ship-7 ⚓")
        #expect(read.address == "hq.example:4747")
    }

    @Test
    func `the longest name passes, an empty and a longer one do not`() throws {
        let scratch = try Scratch()
        let longest = String(repeating: "n", count: 255)
        try file(host: longest).write(to: scratch.path("peer"))
        #expect(try PeerFile(reading: scratch.path("peer")).host == longest)
        #expect(throws: VaultError.malformed) { _ = try file(host: "") }
        #expect(throws: VaultError.malformed) { _ = try file(host: longest + "n") }
    }

    @Test
    func `nobody is a peer of himself`() {
        #expect(throws: VaultError.sameParties) {
            _ = try PeerFile(
                seed: testSeed(), name: .first, exporter: .numbered(3), importer: .numbered(3), host: "me")
        }
    }

    @Test
    func `every cut and every flipped bit is refused`() throws {
        let scratch = try Scratch()
        try file(host: "n").write(to: scratch.path("peer"))
        let whole = try scratch.bytes("peer")
        for count in 0..<whole.count {
            let path = try scratch.write(Array(whole.prefix(count)), to: "cut")
            #expect(throws: VaultError.malformed) { _ = try PeerFile(reading: path) }
        }
        for bit in 0..<whole.count * 8 {
            var flipped = whole
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            let path = try scratch.write(flipped, to: "flipped")
            let expected: VaultError = bit / 8 == 7 ? .unknownVersion : .malformed
            #expect(throws: expected) { _ = try PeerFile(reading: path) }
        }
        let path = try scratch.write(whole + [0], to: "long")
        #expect(throws: VaultError.malformed) { _ = try PeerFile(reading: path) }
    }

    @Test
    func `a file that others can read is refused, and none is overwritten`() throws {
        let scratch = try Scratch()
        try file().write(to: scratch.path("peer"))
        #expect(throws: VaultError.alreadyExists) { try file().write(to: scratch.path("peer")) }
        try scratch.setMode(0o644, of: "peer")
        #expect(throws: VaultError.readableByOthers) { _ = try PeerFile(reading: scratch.path("peer")) }
        try scratch.setMode(0o600, of: "peer")
        try PeerFile.destroy(scratch.path("peer"))
        #expect(scratch.names.isEmpty)
    }
}

@Suite("Fingerprint")
struct FingerprintTests {
    private func fingerprint(_ byte: UInt8 = 1, _ one: UInt8 = 1, _ other: UInt8 = 2) throws -> Fingerprint {
        let scratch = try Scratch()
        let site = VaultSite(seeds: scratch.folder.path, credentials: nil, ask: nil)
        let vault = try site.place(.file("seed")).keep(testSeed(byte))
        return try Fingerprint(of: vault, between: .numbered(one), and: .numbered(other))
    }

    @Test
    func `both ends see the same four groups`() throws {
        let text = try fingerprint().description
        #expect(text == (try fingerprint(1, 2, 1)).description)
        #expect(text.wholeMatch(of: /([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}/) != nil)
    }

    @Test
    func `another seed or another party gives another one`() throws {
        let own = try fingerprint()
        #expect(try fingerprint(2) != own)
        #expect(try fingerprint(1, 1, 3) != own)
    }
}
