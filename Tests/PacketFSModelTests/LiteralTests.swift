import PacketFSTestKit
import Testing

@testable import PacketFSModel

/// Literals coded by the bytes before them.
@Suite struct LiteralTests {
    @Test(arguments: 0..<20)
    func tellsTheLiteralsOfALeaf(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let leaf = seed.isMultiple(of: 2) ? random.text(30_000) : random.prose(30_000)
        let ranges = ranges(in: leaf.count, &random)
        let context = Array(leaf.reversed().prefix(seed * 100) + leaf.prefix(5_000))
        let coded = encode(leaf, ranges, context)
        // What is not literal is there already.
        var rebuilt = leaf
        for range in ranges { rebuilt.replaceSubrange(range, with: [UInt8](repeating: 0, count: range.count)) }
        let isExact = decode(coded, into: &rebuilt, ranges, context)
        #expect(isExact && rebuilt == leaf)
    }

    @Test func needsLessForTextThanForNoise() {
        var random = SeededRandom(seed: 1)
        let text = random.text(40_000)
        let noise = random.bytes(40_000)
        #expect(encode(text, [0..<40_000]).count < 16_000)
        #expect(encode(noise, [0..<40_000]).count < 43_000)
    }

    @Test func needsNextToNothingForWhatTheContextHas() {
        var random = SeededRandom(seed: 2)
        let noise = random.bytes(20_000)
        #expect(encode(noise, [0..<20_000], noise).count < 1_000)
    }

    @Test(arguments: 0..<20)
    func hostileCodeWritesNothingBesideItsRanges(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var leaf = [UInt8](repeating: 7, count: 9_000)
        let ranges = ranges(in: leaf.count, &random)
        let coded = random.bytes(random.draw(0...3_000))
        _ = decode(coded, into: &leaf, ranges, random.text(900))
        let beside = leaf.indices.filter { place in !ranges.contains { $0.contains(place) } }
        #expect(beside.allSatisfy { leaf[$0] == 7 })
    }

    private func ranges(in count: Int, _ random: inout SeededRandom) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var place = random.draw(0...40)
        while place < count {
            let end = min(count, place + random.magnitude(upTo: 2_000))
            ranges.append(place..<end)
            place = end + random.draw(1...600)
        }
        return ranges
    }

    private func encode(_ leaf: [UInt8], _ ranges: [Range<Int>], _ context: [UInt8] = []) -> [UInt8] {
        leaf.withUnsafeBytes { leaf in
            context.withUnsafeBytes { LiteralModelEncoder().encode(leaf, ranges, context: $0) }
        }
    }

    private func decode(
        _ coded: [UInt8], into leaf: inout [UInt8], _ ranges: [Range<Int>], _ context: [UInt8]
    ) -> Bool {
        leaf.withUnsafeMutableBytes { leaf in
            context.withUnsafeBytes { LiteralModelDecoder().decode(coded, into: leaf, ranges, context: $0) }
        }
    }
}
