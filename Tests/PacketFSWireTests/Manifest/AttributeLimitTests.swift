import Testing

@testable import PacketFSWire

/// Few bytes may stand for many attributes: each of a manifest takes memory.
@Suite struct AttributeLimitTests {
    private static let lists = [1, 2].map { value in
        (0..<Limits.attributes).map { ExtendedAttribute(name: "user.\(100 + $0)", value: [value]) }
    }
    private static let most = Limits.allAttributes / Limits.attributes

    @Test func anEncoderSaysNoMore() throws {
        var writer = AttributeWriter()
        for number in 0..<Self.most {
            try writer.add(Self.lists[number % 2])
            try writer.add(Self.lists[number % 2])
        }
        try writer.add([])
        #expect(throws: WireError.tooLarge) { try writer.add([Self.lists[0][0]]) }
    }

    @Test func aDecoderTakesNoMore() throws {
        let runs = try Self.lists.map { list in
            var writer = AttributeWriter()
            try writer.add(list)
            return writer.finish()
        }
        var column: [UInt8] = []
        for number in 0...Self.most { column += runs[number % 2] }
        var seen = 0
        #expect(throws: WireError.tooLarge) {
            try decoded(column) { reader throws(WireError) in
                try reader.attributes(of: Self.most + 1) { list, run in seen += list.count * run }
            }
        }
        #expect(seen == Limits.allAttributes)
    }
}
