import PacketFSBlob
import PacketFSRebuild
import PacketFSWire
import Testing

@Suite("Receiving extents")
struct ExtentReceiverTests {
    private let yard: Playground
    private let log: Log
    private let transfer = TransferID(unchecked: [UInt8](repeating: 1, count: 16))

    init() throws {
        yard = try Playground()
        log = try Log(
            file: yard.path + "/log", id: LogID(unchecked: [UInt8](repeating: 7, count: LogID.byteCount)), create: true)
    }

    private func receiver(held: [AddressRange] = []) throws -> ExtentReceiver {
        try ExtentReceiver(
            transfer: transfer, learning: ExtentBuilder(log: log, held: RunSet(held)), tagger: TestTagger())
    }

    private func leaf(_ index: UInt64, _ bytes: [UInt8], at address: UInt64?) -> LeafBlueprint {
        var blueprint = TestSender.literal(LeafID(.content, index), bytes)
        blueprint.learnedAt = address
        return blueprint
    }

    @Test func bytesLieWhereTheSenderKeepsThem() throws {
        let receiver = try receiver()
        try receiver.record(.opening(transfer, manifest: 0, content: 9))
        try receiver.record(.leaf(LeafID(.content, 0), leaf(0, [1, 2, 3, 4], at: 100)))
        #expect(!receiver.isComplete)
        #expect(throws: RebuildError.outOfOrder) { try receiver.finish() }
        try receiver.record(.leaf(LeafID(.content, 1), leaf(1, [5, 6], at: 104)))
        try receiver.record(.leaf(LeafID(.content, 2), leaf(2, [7, 8, 9], at: 107)))
        #expect(receiver.isComplete)
        let extents = try receiver.finish()
        #expect(extents.map(\.range.address) == [100, 107] && extents.map(\.range.length) == [6, 3])
        #expect(extents.allSatisfy { Healer.verify($0, in: log) })
        #expect(log.bytes(AddressRange(address: 100, length: 10)) == [1, 2, 3, 4, 5, 6, 0, 7, 8, 9])
    }

    @Test func nothingIsATransferToo() throws {
        let receiver = try receiver()
        #expect(!receiver.isComplete)
        try receiver.record(.opening(transfer, manifest: 0, content: 0))
        #expect(receiver.isComplete)
        #expect(try receiver.finish() == [])
    }

    @Test func otherRecordsAreRefused() throws {
        let other = TransferID(unchecked: [UInt8](repeating: 2, count: 16))
        let bytes: [UInt8] = [1, 2, 3]
        #expect(throws: RebuildError.outOfOrder) {
            try receiver().record(.leaf(LeafID(.content, 0), leaf(0, bytes, at: 5)))
        }
        let before: [DataRecord] = [
            .opening(other, manifest: 0, content: 3), .opening(transfer, manifest: 1, content: 3),
        ]
        for record in before {
            let receiver = try receiver()
            #expect(throws: RebuildError.outOfOrder) { try receiver.record(record) }
        }
        let after: [DataRecord] = [
            .opening(transfer, manifest: 0, content: 3), .origins([]), .more(content: 3),
            .leaf(LeafID(.manifest, 0), TestSender.literal(LeafID(.manifest, 0), bytes)),
            .leaf(LeafID(.content, 1), leaf(1, bytes, at: 5)),
        ]
        for record in after {
            let receiver = try receiver()
            try receiver.record(.opening(transfer, manifest: 0, content: 3))
            #expect(throws: RebuildError.outOfOrder) { try receiver.record(record) }
        }
    }

    @Test(
        arguments: [
            { $0.learnedAt = nil }, { $0.descriptors = [.copy(address: 0, length: 3)] },
            { $0.descriptors = [.literal(length: 1), .literal(length: 2)] }, { $0.descriptors = [] },
            { $0.descriptors = [.literal(length: .max)] }, { $0.coding = .zstdPrevious },
            { $0.contexts = [AddressRange(address: 0, length: 3)] }, { $0.coding = .zstd },
            { $0.literals = [1, 2] }, { $0.tag[0] ^= 1 }, { $0.learnedAt = .max }, { $0.learnedAt = 8 },
        ] as [@Sendable (inout LeafBlueprint) -> Void])
    func hostileLeavesAreRefused(change: @Sendable (inout LeafBlueprint) -> Void) throws {
        let receiver = try receiver(held: [AddressRange(address: 10, length: 5)])
        try receiver.record(.opening(transfer, manifest: 0, content: 3))
        var blueprint = leaf(0, [1, 2, 3], at: 7)
        change(&blueprint)
        #expect(throws: RebuildError.self) { try receiver.record(.leaf(LeafID(.content, 0), blueprint)) }
        #expect(log.end == 0, "nothing is written")
    }

    @Test func moreThanWasAnnouncedIsRefused() throws {
        let receiver = try receiver()
        try receiver.record(.opening(transfer, manifest: 0, content: 2))
        #expect(throws: RebuildError.wrongLength) {
            try receiver.record(.leaf(LeafID(.content, 0), leaf(0, [1, 2, 3], at: 5)))
        }
    }
}
