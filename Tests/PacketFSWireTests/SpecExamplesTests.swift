import PacketFSWire
import Testing

/// The examples of `Specs/blueprint.md` §10, byte by byte.
@Suite("Examples of the specification")
struct SpecExamplesTests {
    private func bytes(_ hexadecimal: String) -> [UInt8] {
        hexadecimal.split(separator: " ").compactMap { UInt8($0, radix: 16) }
    }

    private func repeated(_ byte: UInt8, _ count: Int) -> [UInt8] {
        [UInt8](repeating: byte, count: count)
    }

    @Test func want() throws {
        let frame = try ControlMessage.want([3, 4, 5, 9], isLast: true).encode()[0]
        #expect(frame.type == 6)
        #expect(frame.payload == bytes("01 03 02 02 00"))
    }

    @Test func holdings() throws {
        let extent = Extent(range: AddressRange(address: 5, length: 300), digest: repeated(0xaa, 32))
        let log = LogID(unchecked: repeated(0x11, 16))
        let frame = try ControlMessage.holdings(log, [extent], isLast: true).encode()[0]
        #expect(frame.type == 4)
        #expect(frame.payload == [1] + repeated(0x11, 16) + bytes("05 ac 02") + repeated(0xaa, 32))
    }

    @Test func leaf() throws {
        let blueprint = LeafBlueprint(
            descriptors: [
                .copy(address: 100, length: 4), .literal(length: 3), .copy(address: 107, length: 9),
                .fill(byte: 0, length: 100),
            ],
            coding: .raw, literals: Array("xyz".utf8), tag: repeated(0x99, 16))
        let expected =
            bytes("02 1f 03 01 02") + repeated(0x99, 16) + bytes("00 04 0a f3 f8 0b 6e 5e 3b 59 f3 4b d6 78 79 7a")
        #expect(try DataRecord.leaf(LeafID(.content, 2), blueprint).encode() == expected)
    }

    @Test func manifest() throws {
        let time = FileTime(seconds: 1, nanoseconds: 0)
        let manifest = Manifest(entries: [
            ManifestEntry(path: Array("a".utf8), kind: .folder, mode: 0o755, modified: time),
            ManifestEntry(path: Array("a/b".utf8), kind: .file, mode: 0o644, modified: time),
        ])
        let expected = bytes("01 02 e9 1e 00 a0 1a 00 00 61 00 01 2f 62 00 09 00 00 01 00 01 00 00 01")
        #expect(try manifest.encode() == expected)
    }
}
