import PacketFSModel
import PacketFSWire
import Testing

@testable import PacketFSRebuild

/// Leaves of whose literals only the first came.
@Suite struct CutLeafTests {
    private let yard: Playground
    private let log = TestRandom.bytes(40_000, seed: 5)
    private let decoder: LeafDecoder
    /// Of three parts: what the log has, what it lacks, and the like again.
    private let bytes: [UInt8]
    private static let words = ["what ", "is ", "said ", "again ", "soon ", "and ", "never ", "too "]
    private static let (copied, filled, told) = (9_000, 500, 150_000)

    init() throws {
        yard = try Playground()
        let (replica, _) = try yard.replica(log)
        decoder = try LeafDecoder(replica: replica, runs: RunSet([AddressRange(address: 0, length: 40_000)]))
        var random = TestRandom(seed: 8)
        var text: [UInt8] = []
        while text.count < 2 * Self.told {
            text += Array(Self.words[Int.random(in: Self.words.indices, using: &random)].utf8)
        }
        bytes =
            Array(log[..<Self.copied]) + text[..<Self.told] + [UInt8](repeating: 7, count: Self.filled)
            + text[Self.told..<2 * Self.told]
    }

    private var literals: [UInt8] {
        Array(bytes[Self.copied..<Self.copied + Self.told]) + bytes.suffix(Self.told)
    }

    private func blueprint(_ coding: LiteralCoding) -> LeafBlueprint {
        var blueprint = LeafBlueprint(
            descriptors: [
                .copy(address: 0, length: Self.copied), .literal(length: Self.told),
                .fill(byte: 7, length: Self.filled), .literal(length: Self.told),
            ], coding: coding, literals: literals, tag: [UInt8](repeating: 0, count: 16))
        switch coding {
        case .raw: break
        case .zstd: blueprint.literals = TestZstd.compress(literals)
        case .zstdContext:
            blueprint.contexts = [AddressRange(address: 100, length: 5_000)]
            blueprint.literals = TestZstd.compress(literals, prefix: Array(log[100..<5_100]))
        case .zstdPrevious: blueprint.literals = TestZstd.compress(literals, prefix: Array(literals.prefix(999)))
        case .modelled:
            let all = AddressRange(address: 0, length: log.count)
            let surroundings = blueprint.surroundings { $0 < all.end ? all : nil }
            let context = surroundings.ranges.flatMap { log[Int($0.address)..<Int($0.end)] }
            blueprint.literals = bytes.withUnsafeBytes { leaf in
                context.withUnsafeBytes {
                    LiteralModelEncoder().encode(leaf, surroundings.literals, context: $0)
                }
            }
        }
        return blueprint
    }

    private func front(_ blueprint: LeafBlueprint, _ count: Int) throws -> [UInt8] {
        var cut = blueprint
        // Whatever stands there instead must not matter.
        cut.literals.replaceSubrange(count..., with: repeatElement(0, count: cut.literals.count - count))
        var found: [UInt8] = []
        try decoder.decodeFront(
            CutLeaf(id: LeafID(.content, 0), blueprint: cut, literalBytes: count), length: bytes.count,
            held: { _, _ in [] }
        ) { front, _ in found = Array(front) }
        return found
    }

    /// What comes out is right, the more of it the more came, and not much less than came.
    @Test(arguments: [LiteralCoding.raw, .zstd, .zstdContext, .zstdPrevious, .modelled])
    func givesWhatItsLiteralsTell(_ coding: LiteralCoding) throws {
        // What the next leaf may look back at.
        let before = LeafBlueprint(
            descriptors: [.literal(length: 999)], coding: .raw, literals: Array(literals.prefix(999)),
            tag: [UInt8](repeating: 0, count: 16))
        try decoder.decode(before, of: .content, length: 999, held: { _, _ in [] }) { _ in }
        let blueprint = blueprint(coding)
        let count = blueprint.literals.count
        var latest = 0
        for tenth in 0..<10 {
            let front = try front(blueprint, count * tenth / 10)
            #expect(front == Array(bytes.prefix(front.count)))
            #expect(front.count >= latest)
            // A frame's blocks give their bytes at once, and a model learns first what costs less later.
            let behind = coding == .raw ? 0 : coding == .modelled ? 2_000 : 128 << 10
            #expect(front.count >= Self.copied + 2 * Self.told * tenth / 10 - behind)
            latest = front.count
        }
        #expect(latest < bytes.count)
        let whole = try decoder.decode(blueprint, of: .content, length: bytes.count, held: { _, _ in [] }) {
            Array($0.bytes)
        }
        #expect(whole == bytes)
    }

    /// What was read where it is to go is of the front, too.
    @Test func takesUpWhatIsThere() throws {
        let blueprint = LeafBlueprint(
            descriptors: [.held(length: 10), .literal(length: 10)], coding: .raw, literals: Array(0..<10),
            tag: [UInt8](repeating: 0, count: 16))
        let cut = CutLeaf(id: LeafID(.content, 0), blueprint: blueprint, literalBytes: 4)
        var found: [UInt8] = []
        let held = { (_: Int, target: UnsafeMutableRawBufferPointer) -> [Range<Int>] in
            target.copyBytes(from: 50..<60)
            return [0..<10]
        }
        var inPlace: [Range<Int>] = []
        try decoder.decodeFront(cut, length: 20, held: held) { (found, inPlace) = (Array($0), $1) }
        #expect(found == Array(50..<60) + [0, 1, 2, 3])
        #expect(inPlace == [0..<10])
    }

    @Test func refusesWhatReachesTooFar() throws {
        let blueprint = LeafBlueprint(
            descriptors: [.copy(address: 39_999, length: 2), .literal(length: 1)], coding: .raw, literals: [1],
            tag: [UInt8](repeating: 0, count: 16))
        let cut = CutLeaf(id: LeafID(.content, 0), blueprint: blueprint, literalBytes: 0)
        #expect(throws: RebuildError.outOfBounds) {
            try decoder.decodeFront(cut, length: 3, held: { _, _ in [] }) { _, _ in }
        }
    }
}
