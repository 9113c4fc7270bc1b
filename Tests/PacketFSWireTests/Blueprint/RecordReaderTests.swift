import PacketFSTestKit
import PacketFSWire
import Testing

@Suite("Record reader")
struct RecordReaderTests {
    private func read(_ reader: inout RecordReader) throws -> [DataRecord] {
        var records: [DataRecord] = []
        while let raw = reader.next() { records.append(try DataRecord(decoding: raw, decompress: unsqueeze)) }
        return records
    }

    /// Records come out whole and in order, however their bytes are cut.
    @Test(arguments: 0..<30)
    func anyChunks(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let records = (0..<20).map { _ in random.dataRecord(items: 60) }
        let stream = try records.flatMap { try $0.encode(compress: squeeze) }
        var reader = RecordReader()
        var found: [DataRecord] = []
        var rest = stream[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(1 + random.number(below: 3000))
            rest = rest.dropFirst(chunk.count)
            try reader.append(Array(chunk))
            if random.flag() { found += try read(&reader) }
        }
        found += try read(&reader)
        #expect(found == records)
        #expect(reader.isAtBoundary)
    }

    @Test func byteByByte() throws {
        var random = SeededRandom(seed: 50)
        let records = (0..<12).map { _ in random.dataRecord(items: 10) }
        var reader = RecordReader()
        var found: [DataRecord] = []
        for byte in try records.flatMap({ try $0.encode() }) {
            try reader.append([byte])
            found += try read(&reader)
        }
        #expect(found == records)
    }

    /// Of a leaf that is cut off within its literals, all else is known.
    @Test func aCutLeafIsShown() throws {
        let literals = (0..<100).map { UInt8($0) }
        let blueprint = LeafBlueprint(
            descriptors: [.literal(length: 100)], coding: .raw, literals: literals,
            tag: [UInt8](repeating: 3, count: 16))
        let (head, tail) = try DataRecord.leaf(LeafID(.content, 7), blueprint).encodeParts()
        let other = try DataRecord.more(content: 5).encode()
        for length in 0...head.count + tail.count {
            var reader = RecordReader()
            try reader.append(other + (head + tail).prefix(length))
            let count = length - head.count
            guard (0..<tail.count).contains(count) else {
                #expect(reader.cutLeaf == nil)
                continue
            }
            let cut = try #require(reader.cutLeaf)
            #expect(cut.id == LeafID(.content, 7) && cut.literalBytes == count)
            #expect(cut.blueprint.descriptors == blueprint.descriptors && cut.blueprint.tag == blueprint.tag)
            #expect(cut.blueprint.literals.prefix(count) == tail.prefix(count) && cut.blueprint.literals.count == 100)
        }
    }

    /// A stream that ends within a record is never taken for a whole one.
    @Test func truncated() throws {
        var random = SeededRandom(seed: 51)
        let blueprint = random.blueprint(descriptors: 9)
        let bytes = try DataRecord.leaf(LeafID(.content, 7), blueprint).encode()
        for length in 1..<bytes.count {
            var reader = RecordReader()
            try reader.append(Array(bytes.prefix(length)))
            #expect(reader.next() == nil)
            #expect(!reader.isAtBoundary)
        }
        var reader = RecordReader()
        #expect(reader.isAtBoundary)
        try reader.append(bytes)
        #expect(!reader.isAtBoundary)
        #expect(reader.next() != nil)
        #expect(reader.isAtBoundary)
    }

    @Test func wholeLeafOfLiterals() throws {
        var random = SeededRandom(seed: 52)
        let literals = [UInt8](repeating: 9, count: Limits.leaf)
        let leaf = DataRecord.leaf(
            LeafID(.content, 0),
            LeafBlueprint(
                descriptors: [.literal(length: Limits.leaf)], coding: .raw, literals: literals, tag: random.bytes(16)))
        let (head, tail) = try leaf.encodeParts()
        #expect(head.count < 64)
        #expect(tail == literals)
        var reader = RecordReader()
        try reader.append(head)
        for start in stride(from: 0, to: tail.count, by: Limits.payload) {
            try reader.append(Array(tail[start..<min(tail.count, start + Limits.payload)]))
        }
        #expect(try read(&reader) == [leaf])
    }

    /// Type and lengths are refused as soon as they are known, before what they announce could be allocated.
    @Test(
        arguments: [
            ([0], WireError.unknown), ([5], .unknown), ([255], .unknown),
            ([2, 0, 0], .inconsistent), ([1, 0, 0], .inconsistent),
            ([1, 65], .tooLarge), ([4, 65], .tooLarge),
            ([2, 0x81, 0x80, 0x80, 0x04], .tooLarge), ([3, 0x81, 0x80, 0x80, 0x08], .tooLarge),
            ([2, 0x81, 0x00], .malformedNumber), ([2, 1, 0x80, 0x00], .malformedNumber),
            ([2, 1, 0x81, 0x80, 0x80, 0x02], .tooLarge),
            ([1, 1, 1], .tooLarge), ([3, 1, 1], .tooLarge), ([4, 1, 1], .tooLarge),
            ([2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], .tooLarge),
            ([2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], .malformedNumber),
            ([2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], .malformedNumber),
        ] as [([UInt8], WireError)])
    func hostileHeaders(header: [UInt8], error: WireError) {
        #expect(throws: error) {
            var reader = RecordReader()
            try reader.append(header)
        }
        #expect(throws: error) {
            var reader = RecordReader()
            for byte in header { try reader.append([byte]) }
        }
    }
}
