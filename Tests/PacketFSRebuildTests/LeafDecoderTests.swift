import PacketFSBlob
import PacketFSWire
import Testing

@testable import PacketFSRebuild

/// Descriptors and literals, honest and hostile.
@Suite struct LeafDecoderTests {
    private let yard: Playground
    private let log: [UInt8]
    private let decoder: LeafDecoder

    /// The replica holds 0..<40,000 but for a gap from 20,000 to 30,000.
    init() throws {
        yard = try Playground()
        log = TestRandom.bytes(40_000, seed: 5)
        let (replica, _) = try yard.replica(log)
        let runs = RunSet([AddressRange(address: 0, length: 20_000), AddressRange(address: 30_000, length: 10_000)])
        decoder = try LeafDecoder(replica: replica, runs: runs)
    }

    private func leaf(
        _ descriptors: [Descriptor], literals: [UInt8] = [], coding: LiteralCoding = .raw,
        contexts: [AddressRange] = []
    ) -> LeafBlueprint {
        LeafBlueprint(
            descriptors: descriptors, contexts: contexts, coding: coding, literals: literals,
            tag: [UInt8](repeating: 0, count: 16))
    }

    private func decode(
        _ leaf: LeafBlueprint, length: Int, stream: StreamKind = .content,
        held: (Int, UnsafeMutableRawBufferPointer) -> [Range<Int>] = { _, _ in [] }
    ) throws -> [UInt8] {
        try decoder.decode(leaf, of: stream, length: length, held: held) { Array($0.bytes) }
    }

    @Test func followsEveryDescriptor() throws {
        let blueprint = leaf(
            [
                .copy(address: 19_000, length: 1_000), .fill(byte: 9, length: 100), .literal(length: 3),
                .held(length: 4), .copy(address: 30_000, length: 10_000), .copy(address: 0, length: 1),
                .literal(length: 2),
            ], literals: [1, 2, 3, 4, 5])
        let bytes = try decode(blueprint, length: 11_110) { offset, target in
            target.copyBytes(from: [UInt8](repeating: UInt8(truncatingIfNeeded: offset), count: 4))
            return [0..<4]
        }
        var expected = Array(log[19_000..<20_000]) + [UInt8](repeating: 9, count: 100) + [1, 2, 3]
        expected += [UInt8](repeating: UInt8(truncatingIfNeeded: 1_103), count: 4)
        expected += Array(log[30_000...]) + [log[0], 4, 5]
        #expect(bytes == expected)
    }

    @Test func tellsWhatWasReadInPlace() throws {
        let blueprint = leaf([.held(length: 2), .fill(byte: 1, length: 1), .held(length: 3)])
        let held = { (offset: Int, target: UnsafeMutableRawBufferPointer) -> [Range<Int>] in
            guard offset > 0 else { return [] }
            (target[0], target[2]) = (7, 9)
            return [0..<1, 2..<3]
        }
        try decoder.decode(blueprint, of: .content, length: 6, held: held) { result in
            #expect(result.inPlace == [3..<4, 5..<6])
            #expect(Array(result.bytes) == [0, 0, 1, 7, 0, 9])
        }
    }

    @Test(
        arguments: [
            (19_999, 2), (20_000, 1), (29_999, 1), (29_999, 2), (39_999, 2), (40_000, 1), (UInt64.max, 1),
            (UInt64.max - 5, 10), (1 << 56, 1), (1 << 63, 100), (15_000, 20_000),
        ] as [(UInt64, Int)])
    func refusesCopiesOutsideWhatIsHeld(_ address: UInt64, _ length: Int) throws {
        let copy = leaf([.copy(address: address, length: length)])
        #expect(throws: RebuildError.outOfBounds) { try decode(copy, length: length) }
        let range = AddressRange(address: address, length: length)
        let context = leaf([.literal(length: 1)], literals: [1], coding: .zstdContext, contexts: [range])
        #expect(throws: RebuildError.outOfBounds) { try decode(context, length: 1) }
    }

    @Test func refusesEveryCopyWithoutAReplica() throws {
        let bare = try LeafDecoder(replica: nil, runs: RunSet([AddressRange(address: 0, length: 100)]))
        #expect(throws: RebuildError.outOfBounds) {
            let copy = leaf([.copy(address: 0, length: 1)])
            try bare.decode(copy, of: .content, length: 1, held: { _, _ in [] }) { _ in }
        }
    }

    @Test func allowsWhatTheTransferLearnedAndNothingBeside() throws {
        let fresh = AddressRange(address: 20_000, length: 5_000)
        #expect(throws: RebuildError.outOfBounds) { try decode(leaf([.copy(address: 20_000, length: 1)]), length: 1) }
        decoder.learned(fresh)
        #expect(try decode(leaf([.copy(address: 20_000, length: 5_000)]), length: 5_000) == Array(log[20_000..<25_000]))
        #expect(throws: RebuildError.outOfBounds) {
            try decode(leaf([.copy(address: 19_990, length: 20)]), length: 20)
        }
        #expect(throws: RebuildError.outOfBounds) {
            try decode(leaf([.copy(address: 24_999, length: 2)]), length: 2)
        }
    }

    @Test(
        arguments: [
            [], [.fill(byte: 0, length: 9)], [.fill(byte: 0, length: 11)], [.fill(byte: 0, length: 0)],
            [.fill(byte: 0, length: -1), .fill(byte: 0, length: 11)], [.fill(byte: 0, length: .max)],
            [.fill(byte: 0, length: 10), .fill(byte: 0, length: .max)], [.held(length: 5), .held(length: .min)],
        ] as [[Descriptor]])
    func refusesDescriptorsThatDoNotAddUp(_ descriptors: [Descriptor]) throws {
        #expect(throws: RebuildError.wrongLength) { try decode(leaf(descriptors), length: 10) }
    }

    @Test func refusesTooManyDescriptorsAndContexts() throws {
        let many = [Descriptor](repeating: .fill(byte: 0, length: 1), count: Limits.descriptors + 1)
        #expect(throws: RebuildError.wrongLength) { try decode(leaf(many), length: many.count) }
        let range = AddressRange(address: 0, length: 10)
        let contexts = [AddressRange](repeating: range, count: Limits.contexts + 1)
        let blueprint = leaf([.literal(length: 1)], literals: [1], coding: .zstdContext, contexts: contexts)
        #expect(throws: RebuildError.outOfBounds) { try decode(blueprint, length: 1) }
        for coding in [LiteralCoding.raw, .zstd, .zstdPrevious] {
            let idle = leaf([.literal(length: 1)], literals: [1], coding: coding, contexts: [range])
            #expect(throws: RebuildError.badLiterals) { try decode(idle, length: 1) }
        }
    }

    @Test(arguments: [0, 2, 4])
    func refusesRawLiteralsOfAnotherLength(_ count: Int) throws {
        let blueprint = leaf([.literal(length: 3)], literals: [UInt8](repeating: 1, count: count))
        #expect(throws: RebuildError.badLiterals) { try decode(blueprint, length: 3) }
    }

    @Test func refusesLiteralsThatNobodyTakes() throws {
        let blueprint = leaf([.fill(byte: 0, length: 3)], literals: [1])
        #expect(throws: RebuildError.badLiterals) { try decode(blueprint, length: 3) }
    }

    @Test func decodesEveryCoding() throws {
        let text = Array(String(repeating: "what is said again is soon said, ", count: 300).utf8)
        let similar = Array(text.reversed())
        let plain = leaf([.literal(length: text.count)], literals: TestZstd.compress(text), coding: .zstd)
        #expect(try decode(plain, length: text.count) == text)
        let context = AddressRange(address: 31_000, length: 8_000)
        let near = Array(log[31_000..<39_000])
        let coded = TestZstd.compress(near, prefix: Array(log[5..<10]) + near)
        #expect(coded.count < 100)
        let leaning = leaf(
            [.literal(length: near.count)], literals: coded, coding: .zstdContext,
            contexts: [AddressRange(address: 5, length: 5), context])
        #expect(try decode(leaning, length: near.count) == near)
        // The leaf with a context is not one to look back at: the one before it is.
        let after = leaf(
            [.literal(length: similar.count)], literals: TestZstd.compress(similar, prefix: text), coding: .zstdPrevious
        )
        #expect(try decode(after, length: similar.count) == similar)
        let again = leaf(
            [.literal(length: similar.count)], literals: TestZstd.compress(similar, prefix: similar),
            coding: .zstdPrevious)
        #expect(again.literals.count < 60)
        #expect(try decode(again, length: similar.count) == similar)
        #expect(try decode(leaf([.literal(length: 4)], literals: [1, 2, 3, 4]), length: 4) == [1, 2, 3, 4])
        let onRaw = leaf(
            [.literal(length: 8)], literals: TestZstd.compress([1, 2, 3, 4, 1, 2, 3, 4], prefix: [1, 2, 3, 4]),
            coding: .zstdPrevious)
        #expect(try decode(onRaw, length: 8) == [1, 2, 3, 4, 1, 2, 3, 4])
    }

    @Test func refusesToLookBackWhereNothingWas() throws {
        let coded = TestZstd.compress([1, 2, 3])
        let blueprint = leaf([.literal(length: 3)], literals: coded, coding: .zstdPrevious)
        #expect(throws: RebuildError.badLiterals) { try decode(blueprint, length: 3) }
        _ = try decode(leaf([.literal(length: 1)], literals: [1]), length: 1, stream: .manifest)
        #expect(throws: RebuildError.badLiterals) { try decode(blueprint, length: 3, stream: .content) }
    }

    @Test(arguments: [0, 1, 5, 11])
    func refusesEveryCutOfAFrame(_ cut: Int) throws {
        let text = Array("again and again and again and again".utf8)
        let coded = Array(TestZstd.compress(text).dropLast(cut + 1))
        let blueprint = leaf([.literal(length: text.count)], literals: coded, coding: .zstd)
        #expect(throws: RebuildError.badLiterals) { try decode(blueprint, length: text.count) }
    }

    @Test(arguments: [true, false])
    func aBombGivesNoMoreThanItsDescriptorsAskFor(_ namesSize: Bool) throws {
        let bomb = TestZstd.compress([UInt8](repeating: 0, count: 64 << 20), names: namesSize)
        #expect(bomb.count < 16_384)
        for length in [1, 1000, Limits.leaf] {
            let blueprint = leaf([.literal(length: length)], literals: bomb, coding: .zstd)
            #expect(throws: RebuildError.badLiterals) { try decode(blueprint, length: length) }
        }
        let two = TestZstd.compress([1, 2, 3]) + TestZstd.compress([4, 5, 6])
        let both = leaf([.literal(length: 6)], literals: two, coding: .zstd)
        #expect(throws: RebuildError.badLiterals) { try decode(both, length: 6) }
    }

    @Test(arguments: [(24, true), (25, false), (27, false)] as [(Int32, Bool)])
    func boundsTheWindow(_ windowLog: Int32, _ isFine: Bool) throws {
        let decoder = try #require(ZstdDecoder())
        // Large enough, and of unnamed size, so that the window is not made smaller.
        let bytes = [UInt8](repeating: 3, count: 33 << 20)
        let frame = TestZstd.compress(bytes, windowLog: windowLog, names: false)
        #expect((decoder.decode(frame, count: bytes.count) == bytes) == isFine)
    }

    @Test(arguments: [(0, true), (-1, false), (1, false)])
    func aFrameGivesExactlyWhatIsAskedFor(_ more: Int, _ isFine: Bool) throws {
        let decoder = try #require(ZstdDecoder())
        let frame = TestZstd.compress([1, 2, 3])
        #expect((decoder.decode(frame, count: 3 + more) == [1, 2, 3]) == isFine)
        #expect(isFine || decoder.decode(frame, count: 3 + more) == nil)
    }

    @Test func aDamagedContextSpoilsTheLeafAndNotTheTransfer() throws {
        let near = Array(log[31_000..<39_000])
        let coded = TestZstd.compress(near + [1], prefix: near)
        let blueprint = leaf(
            [.literal(length: near.count + 1)], literals: coded, coding: .zstdContext,
            contexts: [AddressRange(address: 31_000, length: 8_000)])
        try yard.truncate(to: 35_000)
        try decoder.decode(blueprint, of: .content, length: near.count + 1, held: { _, _ in [] }) { result in
            #expect(Array(result.bytes) != near + [1])
            #expect(!result.areLiteralsAuthentic)
        }
    }

    @Test func readsManySmallCopiesRightAcrossBlocks() throws {
        var random = TestRandom(seed: 11)
        var descriptors: [Descriptor] = []
        var expected: [UInt8] = []
        for _ in 0..<2_000 {
            let length = Int.random(in: 1...200, using: &random)
            let start = Int.random(in: 0...(20_000 - length), using: &random)
            descriptors.append(.copy(address: UInt64(start), length: length))
            expected += log[start..<start + length]
        }
        #expect(try decode(leaf(descriptors), length: expected.count) == expected)
    }
}
