import PacketFSTestKit
import Testing

@testable import PacketFSModel

/// Literals coded by the bytes before them.
@Suite struct LiteralTests {
    @Test(arguments: 0..<20)
    func tellsTheLiteralsOfALeaf(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let leaf = seed.isMultiple(of: 2) ? random.text(30_000) : random.prose(30_000)
        let context = Array(leaf.reversed().prefix(seed * 100) + leaf.prefix(5_000))
        let literals = literals(in: leaf.count, context.count, &random)
        let coded = encode(leaf, literals, context)
        // What is not literal is there already.
        var rebuilt = leaf
        for place in literals.flatMap(\.range) { rebuilt[place] = 0 }
        let isExact = decode(coded, into: &rebuilt, literals, context)
        #expect(isExact && rebuilt == leaf)
    }

    @Test func needsLessForTextThanForNoise() {
        var random = SeededRandom(seed: 1)
        let text = random.text(40_000)
        let noise = random.bytes(40_000)
        #expect(encode(text, [LiteralPlace(0..<40_000)]).count < 16_000)
        #expect(encode(noise, [LiteralPlace(0..<40_000)]).count < 43_000)
    }

    @Test func needsNextToNothingForWhatTheContextHas() {
        var random = SeededRandom(seed: 2)
        let noise = random.bytes(20_000)
        #expect(encode(noise, [LiteralPlace(0..<20_000)], noise).count < 1_000)
    }

    @Test(arguments: 0..<20)
    func hostileCodeWritesNothingBesideItsRanges(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var leaf = [UInt8](repeating: 7, count: 9_000)
        let literals = literals(in: leaf.count, 900, &random)
        let coded = random.bytes(random.draw(0...3_000))
        _ = decode(coded, into: &leaf, literals, random.text(900))
        let beside = leaf.indices.filter { place in !literals.contains { $0.range.contains(place) } }
        #expect(beside.allSatisfy { leaf[$0] == 7 })
    }

    /// Too little in a row is equal for anything to be followed: only who knows the place can foretell it.
    @Test(arguments: [false, true])
    func needsLessForWhatTheLogHasInItsPlace(_ isAhead: Bool) {
        var random = SeededRandom(seed: 3)
        let context = random.bytes(9_000)
        var leaf = Array(context[2_000..<8_000])
        for place in stride(from: 0, to: leaf.count, by: 4) { leaf[place] &+= 1 }
        let track = ContextTrack(start: 2_000, known: 0..<9_000)
        let known = isAhead ? LiteralPlace(0..<6_000, ahead: track) : LiteralPlace(0..<6_000, behind: track)
        let (told, untold) = (encode(leaf, [known], context), encode(leaf, [LiteralPlace(0..<6_000)], context))
        #expect(told.count * 3 < untold.count * 2)
    }

    private func literals(in count: Int, _ context: Int, _ random: inout SeededRandom) -> [LiteralPlace] {
        var literals: [LiteralPlace] = []
        var place = random.draw(0...40)
        while place < count {
            let end = min(count, place + random.magnitude(upTo: 2_000))
            literals.append(
                LiteralPlace(place..<end, behind: track(in: context, &random), ahead: track(in: context, &random)))
            place = end + random.draw(1...600)
        }
        return literals
    }

    private func track(in context: Int, _ random: inout SeededRandom) -> ContextTrack {
        let start = random.draw(0...context)
        return ContextTrack(start: random.draw(-500...context), known: start..<random.draw(start...context))
    }

    private func encode(_ leaf: [UInt8], _ literals: [LiteralPlace], _ context: [UInt8] = []) -> [UInt8] {
        leaf.withUnsafeBytes { leaf in
            context.withUnsafeBytes { LiteralModelEncoder().encode(leaf, literals, context: $0) }
        }
    }

    private func decode(
        _ coded: [UInt8], into leaf: inout [UInt8], _ literals: [LiteralPlace], _ context: [UInt8]
    ) -> Bool {
        leaf.withUnsafeMutableBytes { leaf in
            context.withUnsafeBytes { LiteralModelDecoder().decode(coded, into: leaf, literals, context: $0) }
        }
    }
}
