import PacketFSWire
import Testing

@Suite("Hostile manifests")
struct ManifestHostileTests {
    /// Version, entries, one run of shapes, and whatever `rest` writes.
    private func manifest(_ count: UInt64, shape: UInt64 = 0, _ rest: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter()
        writer.u8(1)
        writer.varint(count)
        writer.varint(shape)
        writer.varint(count &- 1)
        rest(&writer)
        return writer.bytes
    }

    /// Refused by the claim alone, or because so few bytes cannot hold so many entries.
    @Test func claimedEntries() {
        for count in [10_000_000, UInt64(Limits.entries) + 1, 1 << 63, .max] {
            #expect(throws: WireError.tooLarge) { try Manifest(decoding: manifest(count) { _ in }) }
        }
        #expect(throws: WireError.truncated) { try Manifest(decoding: manifest(UInt64(Limits.entries)) { _ in }) }
        #expect(throws: WireError.truncated) { try Manifest(decoding: manifest(2_000_000) { $0.raw([0, 97, 0]) }) }
    }

    @Test func tooLargeAsAWhole() {
        #expect(throws: WireError.tooLarge) {
            try Manifest(decoding: [UInt8](repeating: 1, count: Limits.manifest + 1))
        }
    }

    /// A few bytes each that front coding would blow up to 4 KiB each.
    @Test func pathsThatBlowUp() {
        let levels = 16
        let names = 80_000
        var writer = ByteWriter()
        writer.u8(1)
        writer.count(levels - 1 + names)
        writer.raw([1])
        writer.count(levels - 2)
        writer.raw([0])
        writer.count(names - 1)
        let long = [47] + [UInt8](repeating: 100, count: 240)
        var path: [UInt8] = []
        for level in 0..<levels - 1 {
            writer.count(path.count)
            writer.raw(level == 0 ? long.dropFirst() : long[...])
            writer.u8(0)
            path += level == 0 ? long.dropFirst() : long[...]
        }
        let folder = path.count
        for index in 0..<names {
            let name = [47, UInt8(48 + index / 10_000), UInt8(48 + index / 100 % 100), UInt8(48 + index % 100)]
            let shared = zip(path[folder...], name).prefix { $0 == $1 }.count
            writer.count(folder + shared)
            writer.raw(name[shared...])
            writer.u8(0)
            path.replaceSubrange(folder..., with: name)
        }
        #expect(throws: WireError.tooLarge) { try Manifest(decoding: writer.bytes) }
        #expect(names * folder > Limits.pathBytes)
    }

    @Test(
        arguments: [
            ([1, 1, 0x80, 0], WireError.malformedNumber), ([1, 0x81, 0], .malformedNumber),
            ([1, 1, 0xff, 0xff, 0x0f], .tooLarge), ([1, 1, 0, 1], .tooLarge),
            ([1, 2, 0, 0, 0, 0, 9, 9], .inconsistent),
        ] as [([UInt8], WireError)])
    func shapes(bytes: [UInt8], error: WireError) {
        #expect(throws: error) { try Manifest(decoding: bytes + [0, 0]) }
    }

    /// One file `a`, with columns of the caller's.
    private func oneFile(
        time: [UInt8] = [0], owner: [UInt8] = [0, 0], group: [UInt8] = [0, 0], size: [UInt8] = [0],
        attributes: [UInt8] = [0, 0]
    ) -> [UInt8] {
        [1, 1, 0, 0, 0, 97, 0] + time + owner + group + size + attributes
    }

    @Test func oneFileIsRead() throws {
        let manifest = try Manifest(decoding: oneFile())
        #expect(manifest.entries.map(\.path) == [[97]])
        #expect(try manifest.encode() == oneFile())
    }

    @Test func columns() {
        let huge: [UInt8] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]
        let name = Array("user.a".utf8)
        let cases: [([UInt8], WireError)] = [
            (oneFile(time: [1, 0]), .tooLarge),  // a run where one entry is left
            (oneFile(time: [2, 0, 0, 0, 0]), .inconsistent),  // nanoseconds said to be there, and zero
            (oneFile(time: [2, 0x3b, 0x9a, 0xca, 0x00]), .inconsistent),  // a whole second of them
            (oneFile(time: [2, 0xff, 0xff, 0xff, 0xff]), .inconsistent),
            (oneFile(time: huge), .tooLarge),
            (oneFile(time: [0xfc] + [UInt8](repeating: 0xff, count: 8) + [0x01]), .tooLarge),
            (oneFile(owner: [0xff, 0xff, 0xff, 0xff, 0x1f, 0]), .tooLarge),
            (oneFile(owner: [0, 1]), .tooLarge), (oneFile(group: [0, 1]), .tooLarge),
            (oneFile(size: huge), .tooLarge), (oneFile(size: [0x80, 0]), .malformedNumber),
            (oneFile(attributes: [65]), .tooLarge),
            (oneFile(attributes: [1, 0, 0, 0]), .forbiddenName),
            (oneFile(attributes: [1, 5] + name.dropLast() + [0, 0]), .forbiddenName),
            (oneFile(attributes: [1, 7] + name + [0, 0, 0]), .forbiddenName),
            (oneFile(attributes: [1, 6] + Array("User.a".utf8) + [0, 0]), .forbiddenName),
            (oneFile(attributes: [1, 19] + Array("security.capability".utf8) + [0, 0]), .forbiddenName),
            (oneFile(attributes: [1, 0x80, 0x02]), .tooLarge),
            (oneFile(attributes: [1, 6] + name + [0x81, 0x80, 0x04]), .tooLarge),
            (oneFile(attributes: [2, 6] + name + [0, 6] + name + [0, 0]), .inconsistent),
            (oneFile(attributes: [1, 6, 117, 115, 101, 114, 46, 0xff, 0, 0]), .notText),
        ]
        for (index, (bytes, error)) in cases.enumerated() {
            #expect(throws: error, "case \(index)") { try Manifest(decoding: bytes) }
        }
    }

    @Test func attributesThatMayNotBeSent() throws {
        func manifest(_ attributes: [(String, Int)]) -> Manifest {
            let list = attributes.map { ExtendedAttribute(name: $0.0, value: .init(repeating: 0, count: $0.1)) }
            return Manifest(entries: [
                ManifestEntry(
                    path: [97], kind: .file, mode: 0, modified: FileTime(seconds: 0, nanoseconds: 0), attributes: list)
            ])
        }
        let long = "user." + String(repeating: "x", count: Limits.attributeName - 5)
        let most = (0..<Limits.attributes).map { ("user.\(100 + $0)", 0) }
        for fine in [[(long, Limits.attributeValue)], most] {
            #expect(try Manifest(decoding: manifest(fine).encode()) == manifest(fine))
        }
        for (wrong, error) in [
            ([(long + "x", 0)], .tooLarge), ([("user.a", Limits.attributeValue + 1)], .tooLarge),
            (most + [("user.999", 0)], .tooLarge), ([("user.b", 0), ("user.a", 0)], .inconsistent),
            ([("trusted.a", 0)], .forbiddenName), ([("user.", 0)], .forbiddenName), ([("user.\0", 0)], .forbiddenName),
        ] as [([(String, Int)], WireError)] {
            #expect(throws: error) { try manifest(wrong).encode() }
        }
    }
}
