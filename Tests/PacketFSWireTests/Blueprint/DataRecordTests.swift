import PacketFSTestKit
import PacketFSWire
import Testing

/// The one record that `bytes` are.
func record(_ bytes: [UInt8], decompress: BlockDecompressor? = nil) throws -> DataRecord {
    var reader = RecordReader()
    try reader.append(bytes)
    guard let raw = reader.next() else { throw WireError.truncated }
    guard reader.isAtBoundary else { throw WireError.trailingBytes }
    return try DataRecord(decoding: raw, decompress: decompress)
}

/// A record of `type` with these fields and this tail, as no encoder would write it.
func forged(type: UInt8, tail: [UInt8] = [], _ fields: (inout ByteWriter) -> Void) -> [UInt8] {
    var body = ByteWriter()
    fields(&body)
    var writer = ByteWriter()
    writer.u8(type)
    writer.count(body.bytes.count)
    writer.count(tail.count)
    return writer.bytes + body.bytes + tail
}

@Suite("Data records")
struct DataRecordTests {
    @Test(arguments: 0..<40)
    func comeBack(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<60 {
            let original = random.dataRecord(items: 80)
            #expect(try record(original.encode()) == original)
            #expect(try record(original.encode(compress: squeeze), decompress: unsqueeze) == original)
        }
    }

    /// What one flipped bit makes of a record is refused, or is a record of the same bytes: there is one encoding.
    @Test(arguments: 0..<20)
    func flippedBits(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let bytes = try random.dataRecord(items: 8).encode()
        for index in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << UInt8(bit)
                guard let read = try? record(flipped) else { continue }
                #expect(try read.encode() == flipped)
            }
        }
    }

    @Test(arguments: 0..<20)
    func truncatedFields(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let original = random.dataRecord(items: 8)
        let (head, tail) = try original.encodeParts()
        // One byte each for type and the lengths where the fields are short; only those are cut here.
        guard head.count < 128, tail.count < 128 else { return }
        for length in 1..<head.count - 3 {
            let cut = [head[0], UInt8(length), head[2]] + head[3..<3 + length] + tail
            #expect(throws: WireError.self) { try record(cut) }
        }
        let longer = [head[0], head[1] + 1, head[2]] + head.dropFirst(3) + [0] + tail
        #expect(throws: WireError.trailingBytes) { try record(longer) }
    }

    @Test func boundsOfLengths() throws {
        let transfer = TransferID(unchecked: [UInt8](repeating: 1, count: 16))
        let most = DataRecord.opening(transfer, manifest: UInt64(Limits.manifest), content: Limits.stream)
        #expect(try record(most.encode()) == most)
        for (manifest, content) in [(UInt64(Limits.manifest) + 1, 0), (0, Limits.stream + 1), (1 << 63, 1 << 63)] {
            #expect(throws: WireError.tooLarge) {
                try DataRecord.opening(transfer, manifest: manifest, content: content).encode()
            }
            let bytes = forged(type: 1) { writer in
                writer.identifier(transfer)
                writer.varint(manifest)
                writer.varint(content)
            }
            #expect(throws: WireError.tooLarge) { try record(bytes) }
        }
        #expect(throws: WireError.tooLarge) { try DataRecord.more(content: Limits.stream + 1).encode() }
        #expect(throws: WireError.tooLarge) { try record(forged(type: 4) { $0.varint(Limits.stream + 1) }) }
    }

    @Test func aTreeOfKeptFilesIsFewBytes() throws {
        let version = TransferID(unchecked: [UInt8](repeating: 1, count: 16))
        var origins = [Origin](repeating: .kept(version), count: 20_000)
        origins[777] = .sent
        let bytes = try DataRecord.origins(origins).encode()
        #expect(bytes.count < 40)
        #expect(try record(bytes) == .origins(origins))
    }

    @Test func compressedBlocks() throws {
        let origins = (0..<400).map {
            $0.isMultiple(of: 2) ? Origin.sent : .kept(TransferID(unchecked: .init(repeating: 1, count: 16)))
        }
        let stored = try DataRecord.origins(origins).encode()
        let coded = try DataRecord.origins(origins).encode { raw in [UInt8(raw.count & 255)] }
        #expect(coded.count < 12)
        #expect(throws: WireError.unknown) { try record(coded) }
        for wrong in [{ _, _ in nil }, { _, _ in [] }, { _, length in .init(repeating: 0, count: length + 1) }]
            as [BlockDecompressor]
        {
            #expect(throws: WireError.inconsistent) { try record(coded, decompress: wrong) }
        }
        // A compressor that saves nothing is not used.
        #expect(try DataRecord.origins(origins).encode { $0 } == stored)
        #expect(try DataRecord.origins(origins).encode { _ in nil } == stored)
    }

    /// The claimed size is refused before a decompressor is asked for it.
    @Test func decompressionBombs() {
        let bomb = forged(type: 3) { writer in
            writer.count(Limits.entries)
            writer.flag(true)
            writer.count(Limits.origins + 1)
            writer.prefixed([1])
        }
        #expect(throws: WireError.tooLarge) {
            try record(bomb) { _, _ in
                Issue.record("asked to decompress")
                return nil
            }
        }
    }
}

@Suite("Origins")
struct OriginsTests {
    private let versions = (0..<3).map { TransferID(unchecked: [UInt8](repeating: UInt8($0), count: 16)) }

    private func forgedOrigins(
        _ count: Int, versions: [TransferID], runs: [(UInt64, UInt64)], end: [UInt8] = []
    ) -> [UInt8] {
        forged(type: 3) { writer in
            var block = ByteWriter()
            block.count(versions.count)
            for version in versions { block.identifier(version) }
            for (value, length) in runs {
                block.varint(value)
                block.varint(length)
            }
            block.raw(end)
            writer.count(count)
            writer.flag(false)
            writer.prefixed(block.bytes)
        }
    }

    @Test func wellFormed() throws {
        let bytes = forgedOrigins(4, versions: [versions[2]], runs: [(0, 0), (1, 1), (0, 0)])
        #expect(try record(bytes) == .origins([.sent, .kept(versions[2]), .kept(versions[2]), .sent]))
    }

    @Test func malformed() {
        let (a, b) = (versions[0], versions[1])
        let cases: [([UInt8], WireError)] = [
            (forgedOrigins(10_000_000, versions: [], runs: [(0, 9_999_999)]), .tooLarge),
            (forgedOrigins(Limits.entries + 1, versions: [], runs: [(0, UInt64(Limits.entries))]), .tooLarge),
            (forgedOrigins(1, versions: [], runs: [(1, 0)]), .tooLarge),
            (forgedOrigins(1, versions: [a], runs: [(0, 0)]), .inconsistent),
            (forgedOrigins(2, versions: [a, a], runs: [(1, 0), (2, 0)]), .inconsistent),
            (forgedOrigins(2, versions: [a, b], runs: [(2, 0), (1, 0)]), .inconsistent),
            (forgedOrigins(2, versions: [], runs: [(0, 0), (0, 0)]), .inconsistent),
            (forgedOrigins(2, versions: [], runs: [(0, 2)]), .tooLarge),
            (forgedOrigins(2, versions: [], runs: [(0, 0)]), .truncated),
            (forgedOrigins(2, versions: [], runs: [(0, 1 << 63)]), .tooLarge),
            (forgedOrigins(1, versions: [], runs: [(0, 0)], end: [0]), .trailingBytes),
        ]
        for (bytes, error) in cases {
            #expect(throws: error) { try record(bytes) }
        }
    }

    @Test func tooManyVersions() throws {
        func origins(_ count: Int) -> DataRecord {
            .origins((0..<count).map { .kept(TransferID(unchecked: withBytes(of: $0))) })
        }
        let most = origins(Limits.versions)
        #expect(try record(most.encode()) == most)
        #expect(throws: WireError.tooLarge) { try origins(Limits.versions + 1).encode() }
    }

    private func withBytes(of number: Int) -> [UInt8] {
        (0..<16).map { $0 < 8 ? UInt8(truncatingIfNeeded: number >> ($0 * 8)) : 0 }
    }
}
