import PacketFSWire
import Testing

@Suite("Leaf blueprints")
struct LeafBlueprintTests {
    private let leaf = LeafID(.content, 3)
    private let tag = [UInt8](repeating: 9, count: Limits.tag)

    private func blueprint(_ descriptors: [Descriptor]) -> LeafBlueprint {
        var blueprint = LeafBlueprint(descriptors: descriptors, coding: .raw, literals: [], tag: tag)
        blueprint.literals = [UInt8](repeating: 5, count: min(9 << 20, max(0, blueprint.literalLength)))
        return blueprint
    }

    private func bytes(_ blueprint: LeafBlueprint) throws -> [UInt8] {
        try DataRecord.leaf(leaf, blueprint).encode()
    }

    /// A leaf record around columns that no encoder would write.
    private func forgedLeaf(
        flags: UInt8 = 0, count: Int, columns: [UInt8], literals: [UInt8] = [], before: [UInt8] = []
    ) -> [UInt8] {
        forged(type: 2, tail: literals) { writer in
            writer.u8(1)
            writer.varint(3)
            writer.raw(tag)
            writer.u8(flags)
            writer.raw(before)
            writer.count(count)
            writer.flag(false)
            writer.prefixed(columns)
        }
    }

    @Test func forgeryIsFaithful() throws {
        let expected = blueprint([.literal(length: 2), .fill(byte: 8, length: 200), .held(length: 1)])
        let columns: [UInt8] = [0b11_10_01, 1, 199, 1, 0, 8]
        #expect(try record(forgedLeaf(count: 3, columns: columns, literals: [5, 5])) == .leaf(leaf, expected))
        #expect(try bytes(expected) == forgedLeaf(count: 3, columns: columns, literals: [5, 5]))
    }

    /// Bytes that are only replaced leave all further copies on the diagonal: two or three bytes each.
    @Test func copiesOnTheDiagonalAreCheap() throws {
        var descriptors: [Descriptor] = []
        var place: UInt64 = 0
        for index in 0..<1000 {
            descriptors.append(.copy(address: 1 << 40 | place, length: 1000 + index))
            descriptors.append(.literal(length: 4))
            place += UInt64(1004 + index)
        }
        let (head, _) = try DataRecord.leaf(leaf, blueprint(descriptors)).encodeParts()
        #expect(head.count < 1000 * 4 + 600)
        #expect(try record(bytes(blueprint(descriptors))) == .leaf(leaf, blueprint(descriptors)))
    }

    @Test func extremesComeBack() throws {
        let cases: [[Descriptor]] = [
            [.copy(address: 0, length: 1)],
            [.copy(address: Limits.address - 1, length: 1), .copy(address: 0, length: 1)],
            [.copy(address: 0, length: 1), .copy(address: Limits.address - 1, length: 1)],
            [.copy(address: Limits.address - UInt64(Limits.leaf), length: Limits.leaf)],
            [.fill(byte: 255, length: Limits.leaf)], [.held(length: Limits.leaf)],
            [.literal(length: Limits.leaf - 1), .literal(length: 1)],
            (0..<Limits.descriptors).map { .copy(address: UInt64($0) * 16, length: 8) },
        ]
        for descriptors in cases {
            let original = DataRecord.leaf(leaf, blueprint(descriptors))
            #expect(try record(original.encode()) == original)
        }
    }

    @Test func mayNotBeSent() {
        let cases: [([Descriptor], WireError)] = [
            ([], .inconsistent),
            ([.literal(length: 0)], .inconsistent), ([.held(length: -1)], .inconsistent),
            ([.fill(byte: 0, length: .min)], .inconsistent),
            ([.held(length: Limits.leaf + 1)], .tooLarge),
            ([.held(length: Limits.leaf), .held(length: 1)], .tooLarge),
            ([.held(length: .max), .held(length: .max)], .tooLarge),
            ([.copy(address: Limits.address, length: 1)], .tooLarge),
            ([.copy(address: .max, length: 2)], .tooLarge), ([.copy(address: 1 << 63, length: 1)], .tooLarge),
            ([Descriptor](repeating: .held(length: 1), count: Limits.descriptors + 1), .tooLarge),
        ]
        for (descriptors, error) in cases {
            let blueprint = LeafBlueprint(descriptors: descriptors, coding: .raw, literals: [], tag: tag)
            #expect(throws: error) { try bytes(blueprint) }
        }
    }

    @Test func literalsThatDoNotFit() {
        var wrong = blueprint([.literal(length: 4)])
        wrong.literals = [1, 2, 3]
        #expect(throws: WireError.inconsistent) { try bytes(wrong) }
        wrong.literals = []
        wrong.coding = .zstd
        #expect(throws: WireError.inconsistent) { try bytes(wrong) }
        var none = blueprint([.held(length: 4)])
        none.literals = [1]
        #expect(throws: WireError.inconsistent) { try bytes(none) }
        none.coding = .zstd
        #expect(throws: WireError.inconsistent) { try bytes(none) }
        wrong.literals = [UInt8](repeating: 0, count: Limits.leaf + 1)
        #expect(throws: WireError.tooLarge) { try bytes(wrong) }
    }

    @Test func contexts() throws {
        var some = blueprint([.literal(length: 4)])
        some.contexts = [AddressRange(address: 7, length: 1)]
        #expect(throws: WireError.inconsistent) { try bytes(some) }
        some.coding = .zstdContext
        #expect(try record(bytes(some)) == .leaf(leaf, some))
        some.contexts = [
            AddressRange(address: 9, length: Limits.contextBytes - 1), AddressRange(address: 3, length: 1),
        ]
        #expect(try record(bytes(some)) == .leaf(leaf, some))
        some.contexts = [AddressRange](repeating: AddressRange(address: 3, length: 1), count: Limits.contexts)
        #expect(try record(bytes(some)) == .leaf(leaf, some))
        let wrong: [([AddressRange], WireError)] = [
            ([], .inconsistent),
            ([AddressRange(address: 3, length: 0)], .inconsistent),
            ([AddressRange(address: 3, length: -1)], .inconsistent),
            ([AddressRange(address: 3, length: Limits.contextBytes + 1)], .tooLarge),
            ([AddressRange(address: 3, length: Limits.contextBytes), AddressRange(address: 3, length: 1)], .tooLarge),
            ([AddressRange(address: Limits.address, length: 1)], .tooLarge),
            ([AddressRange](repeating: AddressRange(address: 3, length: 1), count: Limits.contexts + 1), .tooLarge),
        ]
        for (contexts, error) in wrong {
            some.contexts = contexts
            #expect(throws: error) { try bytes(some) }
        }
    }

    @Test func learnedAddresses() throws {
        var learned = blueprint([.literal(length: 4), .held(length: 2), .fill(byte: 0, length: 3)])
        learned.learnedAt = Limits.address - 6
        #expect(try record(bytes(learned)) == .leaf(leaf, learned))
        for address in [Limits.address - 5, Limits.address + 1, .max] {
            learned.learnedAt = address
            #expect(throws: WireError.tooLarge) { try bytes(learned) }
        }
        var address = ByteWriter()
        address.varint(.max)
        let forged = forgedLeaf(flags: 4, count: 1, columns: [1, 0], literals: [1], before: address.bytes)
        #expect(throws: WireError.tooLarge) { try record(forged) }
    }

    @Test func tags() {
        var wrong = blueprint([.held(length: 4)])
        for count in [0, 15, 17] {
            wrong.tag = [UInt8](repeating: 0, count: count)
            #expect(throws: WireError.inconsistent) { try bytes(wrong) }
        }
    }

    @Test func hostileColumns() {
        let cases: [([UInt8], WireError)] = [
            (forgedLeaf(count: 0, columns: []), .inconsistent),
            (forgedLeaf(count: 1, columns: []), .truncated),
            (forgedLeaf(count: 1, columns: [3]), .truncated),
            (forgedLeaf(count: 1, columns: [3, 0, 0]), .trailingBytes),
            (forgedLeaf(count: 1, columns: [3, 0x80, 0]), .malformedNumber),
            (forgedLeaf(count: 1, columns: [0b11_11, 0]), .inconsistent),
            (forgedLeaf(count: 1, columns: [3, 0x80, 0x80, 0x80, 0x02]), .tooLarge),
            (forgedLeaf(count: 2, columns: [15, 0xff, 0xff, 0xff, 0x01, 0]), .tooLarge),
            (forgedLeaf(count: 1, columns: [0, 0, 1]), .tooLarge),
            (forgedLeaf(count: 1, columns: [2, 0]), .truncated),
            (forgedLeaf(count: 10_000_000, columns: [0]), .tooLarge),
            (forgedLeaf(count: Limits.descriptors, columns: [0]), .truncated),
            (forgedLeaf(flags: 8, count: 1, columns: [3, 0]), .unknown),
            (forgedLeaf(flags: 0, count: 1, columns: [3, 0], literals: [1]), .inconsistent),
            (forgedLeaf(flags: 1, count: 1, columns: [3, 0], literals: [1]), .inconsistent),
            (forgedLeaf(flags: 2, count: 1, columns: [1, 0], literals: [1], before: [0]), .inconsistent),
            (forgedLeaf(flags: 2, count: 1, columns: [1, 0], literals: [1], before: [65]), .tooLarge),
            (forgedLeaf(flags: 2, count: 1, columns: [1, 0], literals: [1], before: [1, 1, 0]), .tooLarge),
        ]
        for (index, (bytes, error)) in cases.enumerated() {
            #expect(throws: error, "case \(index)") { try record(bytes) }
        }
    }

    /// The length of an address or of a whole leaf near 2^63 must neither wrap nor trap.
    @Test(arguments: [UInt64(1) << 63, .max, .max - 1, 1 << 57])
    func hugeAddresses(zigzag: UInt64) {
        var columns = ByteWriter()
        columns.raw([0, 0])
        columns.varint(zigzag)
        #expect(throws: WireError.tooLarge) { try record(forgedLeaf(count: 1, columns: columns.bytes)) }
    }
}
