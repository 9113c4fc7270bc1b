import PacketFSBlob
import PacketFSModel
import PacketFSWire
import Testing

@testable import PacketFSRebuild

/// What is packed in a leaf, at the receiver: what it rests on may be damaged, or be no stream at all.
@Suite struct PackedTests {
    private let oldContent = TestRandom.bytes(400, seed: 3) + [UInt8](repeating: 7, count: 3000)
    private let newContent: [UInt8]
    private let packing: Packing
    /// Of the old content, and the place of its stream in the log.
    private let base: (bytes: [UInt8], address: Int)
    private let log: [UInt8]

    init() throws {
        newContent = oldContent.prefix(300) + [1, 2, 3] + oldContent.dropFirst(300)
        let blocks = [Packing.Block(isFixed: false, tokens: 100), Packing.Block(isFixed: true, tokens: 0)]
        packing = Packing(length: newContent.count, level: 6, blocks: blocks)
        base = (try Self.pack(oldContent, Packing(length: oldContent.count, level: 9, blocks: blocks)), 5000)
        log = TestRandom.bytes(5000, seed: 4) + base.bytes + TestRandom.bytes(1 << 20, seed: 5)
    }

    private static func pack(_ content: [UInt8], _ packing: Packing) throws -> [UInt8] {
        var patience = Packing.patience
        return try content.withUnsafeBytes {
            try #require(packing.pack($0, limit: 1 << 22, patience: &patience))
        }
    }

    private func leaf() throws -> [UInt8] {
        try [9, 9] + Self.pack(newContent, packing) + log[..<4000]
    }

    private func blueprint(tag: [UInt8], learnedAt: UInt64? = nil) throws -> LeafBlueprint {
        let stream = try Self.pack(newContent, packing)
        let opened = OpenedBlueprint(
            bases: [AddressRange(address: UInt64(base.address), length: base.bytes.count)], packings: [packing],
            descriptors: [
                .copy(address: 0, length: 300), .literal(length: 3),
                .copy(address: 300, length: oldContent.count - 300),
            ], coding: .raw, literals: [1, 2, 3])
        return LeafBlueprint(
            descriptors: [.literal(length: 2), .packed(length: stream.count), .copy(address: 0, length: 4000)],
            coding: .raw, literals: [9, 9], opened: opened, learnedAt: learnedAt, tag: tag)
    }

    @Test(arguments: [false, true])
    func rebuildsAndLearnsTheStream(_ isDamaged: Bool) throws {
        let yard = try Playground()
        let (log, holdings) = try yard.replica(log, extent: 1 << 18)
        if isDamaged { try yard.damage(at: base.address + 20, with: [0, 1, 2, 3, 4, 5]) }
        let bytes = try leaf()
        let described = try blueprint(tag: [], learnedAt: 10_000_000)
        var sender = TestSender([.file("a", bytes)])
        sender.describe = { id, bytes in
            guard id.stream == .content else { return TestSender.literal(id, bytes) }
            var blueprint = described
            blueprint.tag = TestSender.tag(id, bytes)
            return blueprint
        }
        let finished = try yard.receive(sender) {
            $0.replica = RebuildSetup.Replica(log: log, holdings: holdings, learning: ExtentBuilder(log: log))
        }
        #expect(yard.bytes("a") == bytes)
        let learned = AddressRange(address: 10_000_000, length: bytes.count - 4000)
        #expect(finished.receipt.learned.map(\.range) == [learned])
        #expect(log.bytes(learned) == Array(bytes.dropLast(4000)))
        #expect((finished.receipt.leavesRepaired > 0) == isDamaged)
        #expect(finished.lost == (isDamaged ? [holdings.extents[0]] : []))
    }

    @Test func whatItRestsOnMustBeHeld() throws {
        let (decoder, _) = try decoder()
        var blueprint = try blueprint(tag: [UInt8](repeating: 0, count: 16))
        let length = blueprint.length
        for range in [
            AddressRange(address: UInt64(log.count), length: 1), AddressRange(address: 5, length: log.count),
            AddressRange(address: 1 << 62, length: 9),
        ] {
            blueprint.opened?.bases[0] = range
            #expect(throws: RebuildError.outOfBounds) {
                try decoder.decode(blueprint, of: .content, length: length, held: { _, _ in [] }) { _ in }
            }
        }
        blueprint = try self.blueprint(tag: blueprint.tag)
        blueprint.opened?.packings[0].length += 1
        #expect(throws: RebuildError.wrongLength) {
            try decoder.decode(blueprint, of: .content, length: length, held: { _, _ in [] }) { _ in }
        }
    }

    /// The rest of the leaf is what it was.
    @Test func whatCannotBeOpenedFailsTheTagAndNothingElse() throws {
        let (decoder, _) = try decoder()
        let changes: [(inout OpenedBlueprint) -> Void] = [
            { $0.bases[0].address = 77 }, { $0.bases = [] },
            { $0.descriptors[0] = .copy(address: 1 << 40, length: 300) },
            { $0.packings[0].level = 4 }, { $0.packings[0].blocks[0].tokens = 1 << 24 },
            { ($0.coding, $0.literals) = (.zstd, [1, 2]) },
            { $0.contexts = [AddressRange(address: 1 << 50, length: 1)] },
        ]
        for change in changes {
            var blueprint = try blueprint(tag: [UInt8](repeating: 0, count: 16))
            if var opened = blueprint.opened {
                change(&opened)
                blueprint.opened = opened
            }
            try decoder.decode(blueprint, of: .content, length: blueprint.length, held: { _, _ in [] }) { result in
                #expect(Array(result.bytes.prefix(2)) == [9, 9])
                #expect(Array(result.bytes.suffix(4000)) == Array(log[..<4000]))
            }
        }
    }

    /// What follows a base that is none is not opened either, however many there are: bytes of something else, a stream
    /// that is cut, one with a byte behind it.
    @Test func aBaseThatIsNoneEndsThem() throws {
        let address = UInt64(base.address)
        let right = try decoded(try blueprint(tag: [UInt8](repeating: 0, count: 16)))
        for bad in [
            AddressRange(address: 77, length: 500), AddressRange(address: address, length: base.bytes.count - 1),
            AddressRange(address: address, length: base.bytes.count + 1),
        ] {
            var blueprint = try blueprint(tag: [UInt8](repeating: 0, count: 16))
            blueprint.opened?.bases.insert(bad, at: 0)
            #expect(try decoded(blueprint) != right)
        }
    }

    private func decoded(_ blueprint: LeafBlueprint) throws -> [UInt8] {
        let (decoder, _) = try decoder()
        var bytes: [UInt8] = []
        try decoder.decode(blueprint, of: .content, length: blueprint.length, held: { _, _ in [] }) {
            bytes = Array($0.bytes)
        }
        return bytes
    }

    private func decoder() throws -> (LeafDecoder, Playground) {
        let yard = try Playground()
        let (log, holdings) = try yard.replica(log, extent: 1 << 18)
        return (try LeafDecoder(replica: log, runs: RunSet(holdings.runs)), yard)
    }
}
