import PacketFSModel
import PacketFSTestKit
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

    @Test func whatIsLearnedOfALeafTravelsWithTheAddressAlone() throws {
        var blueprint = blueprint([.copy(address: 100, length: 30), .literal(length: 4), .fill(byte: 0, length: 9)])
        blueprint.learnedAt = 1 << 20
        #expect(blueprint.learnedLength == 4 && blueprint.learnedStretch == 30..<34)
        let lacked = try bytes(blueprint)
        blueprint.learning = .whole
        #expect(blueprint.learnedLength == 43 && blueprint.learnedStretch == 0..<43)
        let whole = try bytes(blueprint)
        #expect(zip(lacked, whole).filter { $0 != $1 }.map { $0 ^ $1 } == [32])
        #expect(try record(whole) == .leaf(leaf, blueprint))
        blueprint.learnedAt = nil
        #expect(throws: WireError.inconsistent) { try bytes(blueprint) }
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
            writer.prefixed(columns)
        }
    }

    /// Columns as the spec codes them, out of any kinds and numbers.
    private func columns(_ body: (inout ColumnEncoder) -> Void) -> [UInt8] {
        var encoder = ColumnEncoder(ColumnShape(numberContexts: 8, choiceContexts: 275, choiceBits: 4))
        body(&encoder)
        return encoder.finish()
    }

    /// One held descriptor of this length less one.
    private func held(_ less: UInt64) -> [UInt8] {
        columns { encoder in
            encoder.choice(3, 0)
            encoder.number(less, 3)
        }
    }

    /// One copy of one byte, told by one of the latest diagonals.
    private func copy(_ zigzag: UInt64, choice: Int = 0) -> [UInt8] {
        columns { encoder in
            encoder.choice(0, 0)
            encoder.number(0, 0)
            encoder.choice(choice, 256)
            encoder.number(zigzag, choice == 0 ? 6 : 7)
        }
    }

    @Test func forgeryIsFaithful() throws {
        let expected = blueprint([.literal(length: 2), .fill(byte: 8, length: 200), .held(length: 1)])
        let columns = columns { encoder in
            encoder.choice(1, 0)
            encoder.number(1, 1)
            encoder.choice(2, 2 << 4)
            encoder.number(199, 2)
            encoder.choice(0, 258)
            encoder.choice(8, 259)
            encoder.choice(3, 3 << 4 | 2)
            encoder.number(0, 3)
        }
        #expect(try record(forgedLeaf(count: 3, columns: columns, literals: [5, 5])) == .leaf(leaf, expected))
        #expect(try bytes(expected) == forgedLeaf(count: 3, columns: columns, literals: [5, 5]))
    }

    /// Bytes that are only replaced leave all further copies on the diagonal: two bytes each.
    @Test func copiesOnTheDiagonalAreCheap() throws {
        var descriptors: [Descriptor] = []
        var place: UInt64 = 0
        for index in 0..<1000 {
            descriptors.append(.copy(address: 1 << 40 | place, length: 1000 + index))
            descriptors.append(.literal(length: 4))
            place += UInt64(1004 + index)
        }
        let (head, _) = try DataRecord.leaf(leaf, blueprint(descriptors)).encodeParts()
        #expect(head.count < 1000 * 2)
        #expect(try record(bytes(blueprint(descriptors))) == .leaf(leaf, blueprint(descriptors)))
    }

    /// What lies now in one of a few places and now in another takes little more than what lies in one.
    @Test(arguments: [1, 2, 8, 15])
    func fewPlacesAreCheap(_ places: Int) throws {
        var random = SeededRandom(seed: 5)
        let descriptors = (0..<3000).map { number in
            Descriptor.copy(address: UInt64(random.draw(1...places)) << 30 + UInt64(number) * 100, length: 99)
        }
        let (head, _) = try DataRecord.leaf(leaf, blueprint(descriptors)).encodeParts()
        #expect(head.count < 3000 * 3 / 2)
        #expect(try record(bytes(blueprint(descriptors))) == .leaf(leaf, blueprint(descriptors)))
    }

    /// Any diagonals, near each other and far, come back.
    @Test func anyDiagonalsComeBack() throws {
        var random = SeededRandom(seed: 11)
        for _ in 0..<50 {
            var address: UInt64 = 1 << 40
            let descriptors = (0..<random.draw(1...400)).map { _ -> Descriptor in
                let reach = UInt64(1) << UInt64(random.draw(0...44))
                address = (address &+ random.next() % reach) % (Limits.address - 5000)
                let length = random.draw(1...5000)
                return random.oneIn(3)
                    ? .add(address: address, length: length) : .copy(address: address, length: length)
            }
            let original = DataRecord.leaf(leaf, blueprint(descriptors))
            #expect(try record(original.encode()) == original)
        }
    }

    @Test func extremesComeBack() throws {
        let cases: [[Descriptor]] = [
            [.copy(address: 0, length: 1)], [.add(address: 5, length: 9), .add(address: 0, length: 1)],
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
        let forged = forgedLeaf(flags: 8, count: 1, columns: held(0), before: address.bytes)
        #expect(throws: WireError.tooLarge) { try record(forged) }
    }

    @Test func tags() {
        var wrong = blueprint([.held(length: 4)])
        for count in [0, 15, 17] {
            wrong.tag = [UInt8](repeating: 0, count: count)
            #expect(throws: WireError.inconsistent) { try bytes(wrong) }
        }
    }

    @Test func differences() throws {
        var some = blueprint([.add(address: 7, length: 4)])
        for (count, coding) in [(0, .modelled), (1, .zstd), (1000, .modelled)] as [(Int, DifferenceCoding)] {
            some.differences = [UInt8](repeating: 3, count: count)
            some.differenceCoding = coding
            #expect(try record(bytes(some)) == .leaf(leaf, some))
        }
        some.differences = [UInt8](repeating: 3, count: Limits.leaf + 1)
        #expect(throws: WireError.tooLarge) { try bytes(some) }
        var none = blueprint([.held(length: 4)])
        none.differences = [1]
        #expect(throws: WireError.inconsistent) { try bytes(none) }
        none.differences = []
        none.differenceCoding = .zstd
        #expect(throws: WireError.inconsistent) { try bytes(none) }
        #expect(throws: WireError.truncated) {
            let add = columns { encoder in
                encoder.choice(4, 0)
                encoder.number(0, 4)
                encoder.choice(0, 256)
                encoder.number(0, 6)
            }
            return try record(forgedLeaf(count: 1, columns: add))
        }
    }

    @Test func hostileColumns() {
        let cases: [([UInt8], WireError)] = [
            (forgedLeaf(count: 0, columns: []), .inconsistent),
            (forgedLeaf(count: 1, columns: columns { $0.choice(6, 0) }), .unknown),
            (forgedLeaf(count: 1, columns: columns { $0.choice(15, 0) }), .unknown),
            (forgedLeaf(count: 1, columns: held(0) + [0, 0, 0, 0, 0]), .inconsistent),
            (forgedLeaf(count: 1, columns: held(UInt64(Limits.leaf))), .tooLarge),
            (forgedLeaf(count: 1, columns: held(1 << 61)), .tooLarge),
            (forgedLeaf(count: 1, columns: copy(1)), .tooLarge),
            (forgedLeaf(count: 1, columns: copy(2, choice: 1)), .unknown),
            (forgedLeaf(count: 1, columns: copy(2, choice: 15)), .unknown),
            (forgedLeaf(count: 10_000_000, columns: held(0)), .tooLarge),
            (forgedLeaf(flags: 5, count: 1, columns: held(0)), .unknown),
            (forgedLeaf(flags: 64, count: 1, columns: held(0)), .unknown),
            (forgedLeaf(flags: 16, count: 1, columns: held(0)), .inconsistent),
            (forgedLeaf(flags: 0, count: 1, columns: held(0), literals: [1]), .inconsistent),
            (forgedLeaf(flags: 1, count: 1, columns: held(0), literals: [1]), .inconsistent),
            (forgedLeaf(flags: 4, count: 1, columns: held(0), literals: [1], before: [0]), .inconsistent),
            (forgedLeaf(flags: 2, count: 1, columns: held(0), literals: [1], before: [0]), .inconsistent),
            (forgedLeaf(flags: 2, count: 1, columns: held(0), literals: [1], before: [65]), .tooLarge),
            (forgedLeaf(flags: 2, count: 1, columns: held(0), literals: [1], before: [1, 1, 0]), .tooLarge),
        ]
        for (index, (bytes, error)) in cases.enumerated() {
            #expect(throws: error, "case \(index)") { try record(bytes) }
        }
    }

    /// What the code does not tell is no descriptor, whatever zeros behind its end would mean.
    @Test(arguments: [0, 1, 5, 100, 4000])
    func cutColumns(_ count: Int) throws {
        let many = (0..<2000).map { Descriptor.copy(address: UInt64($0 * $0 * 977), length: 1 + $0 * 31 % 2000) }
        let whole = columns { encoder in
            for descriptor in many { encoder.number(UInt64(descriptor.length), 0) }
        }
        let cut = Array(whole.prefix(count))
        #expect(throws: WireError.self) { try record(forgedLeaf(count: Limits.descriptors, columns: cut)) }
    }

    /// The length of an address or of a whole leaf near 2^63 must neither wrap nor trap.
    @Test(arguments: [1 << 61, (1 << 62) - 1, (1 << 62) - 2, 1 << 58] as [UInt64])
    func hugeAddresses(zigzag: UInt64) {
        #expect(throws: WireError.tooLarge) { try record(forgedLeaf(count: 1, columns: copy(zigzag))) }
    }

    private func packed(_ lengths: [Int]) -> LeafBlueprint {
        var blueprint = blueprint(lengths.map { .packed(length: $0) })
        blueprint.opened = OpenedBlueprint(
            bases: [AddressRange(address: 70, length: 900), AddressRange(address: 3, length: 1)],
            packings: lengths.map { length in
                let blocks = [16_383, 16_383, 9, 0].map { Packing.Block(isFixed: $0 == 9, tokens: $0) }
                return Packing(length: 2 * length, level: 6, blocks: blocks)
            }, descriptors: [.copy(address: 5, length: 2 * lengths.reduce(0, +) - 1), .literal(length: 1)],
            contexts: [AddressRange(address: 0, length: 9)], coding: .modelled, literals: [1, 2])
        return blueprint
    }

    @Test func whatIsPackedComesBack() throws {
        for lengths in [[1], [300, 5, 1 << 20], [Int](repeating: 3, count: Limits.packed)] {
            let original = DataRecord.leaf(leaf, packed(lengths))
            #expect(try record(original.encode()) == original)
        }
    }

    @Test func whatIsPackedMayNotBeSent() {
        let cases: [((inout LeafBlueprint) -> Void, WireError)] = [
            ({ $0.opened = nil }, .inconsistent), ({ $0.descriptors = [.held(length: 5)] }, .inconsistent),
            ({ $0.opened?.packings.removeLast() }, .inconsistent),
            ({ $0.opened?.packings[0].length += 1 }, .inconsistent),
            ({ $0.opened?.packings[0].level = 3 }, .inconsistent),
            ({ $0.opened?.packings[0].level = 10 }, .inconsistent),
            ({ $0.opened?.packings[0].blocks = [] }, .inconsistent),
            ({ $0.opened?.packings[0].blocks[3].tokens = 1 }, .inconsistent),
            ({ $0.opened?.packings[0].length = Limits.opened + 1 }, .tooLarge),
            ({ $0.opened?.bases[0].length = 0 }, .inconsistent),
            ({ $0.opened?.bases[0].length = Limits.opened }, .tooLarge),
            ({ $0.opened?.bases[0].address = Limits.address }, .tooLarge),
            ({ $0.opened?.descriptors[0] = .held(length: 19) }, .inconsistent),
            ({ $0.opened?.descriptors[0] = .packed(length: 19) }, .inconsistent),
            ({ $0.opened?.coding = .zstdPrevious }, .inconsistent),
            (
                { blueprint in
                    let block = Packing.Block(isFixed: true, tokens: 0)
                    blueprint.opened?.packings[0].blocks = [Packing.Block](repeating: block, count: Limits.packedBlocks)
                }, .tooLarge
            ),
        ]
        for (number, (change, error)) in cases.enumerated() {
            var blueprint = packed([5, 5])
            change(&blueprint)
            #expect(throws: error, "case \(number)") { try bytes(blueprint) }
        }
    }
}
