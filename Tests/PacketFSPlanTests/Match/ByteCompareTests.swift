import PacketFSTestKit
import Testing

@testable import PacketFSPlan

/// What looks at many bytes at once says what looking at each would.
@Suite struct ByteCompareTests {
    /// Two buffers of the same size, which differ in about one byte of `gap`.
    private func pair(_ count: Int, gap: Int, _ random: inout SeededRandom) -> (left: [UInt8], right: [UInt8]) {
        let left = random.bytes(count)
        return (left, left.map { random.oneIn(gap) ? $0 &+ 1 : $0 })
    }

    @Test(arguments: 0..<300)
    func countsEqualBytesBothWays(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let count = random.draw(0...150)
        let (left, right) = pair(count, gap: random.magnitude(upTo: 200), &random)
        let isEqual = zip(left, right).map(==)
        left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                guard let here = left.baseAddress, let there = right.baseAddress else { return }
                #expect(ByteCompare.forward(here, there, limit: count) == isEqual.prefix { $0 }.count)
                #expect(
                    ByteCompare.backward(here + count, there + count, limit: count)
                        == isEqual.reversed().prefix { $0 }.count)
            }
        }
    }

    /// Until it is hopeless: then both stop, and where the best was is all that counts.
    @Test(arguments: 0..<300)
    func scoresWordsAsItScoresBytes(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        // Stretches that are mostly equal, and mostly not.
        let pairs = (0..<20).map { _ in pair(8 * random.draw(1...20), gap: random.magnitude(upTo: 20), &random) }
        let differences = pairs.flatMap { zip($0.left, $0.right).map(^) }
        let patience = random.draw(8...64)
        var (bytes, words) = (Score(patience: patience), Score(patience: patience))
        for difference in differences where !bytes.isHopeless { bytes.add(difference == 0) }
        for start in stride(from: 0, to: differences.count, by: 8) where !words.isHopeless {
            let word = (0..<8).reduce(UInt64(0)) { $0 | UInt64(differences[start + $1]) << UInt64(8 * $1) }
            Score.Word.all.withUnsafeBufferPointer { if let all = $0.baseAddress { words.add(word, all) } }
        }
        #expect(words.bestLength == bytes.bestLength)
        #expect(words.isHopeless == bytes.isHopeless)
    }

    /// Runs of one value, some as long as fills, others a little shorter, next to each other and to the limit.
    @Test(arguments: 0..<200)
    func findsTheFirstFill(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var bytes: [UInt8] = []
        for _ in 0..<random.draw(1...5) {
            bytes += random.bytes(random.magnitude(upTo: 6000))
            bytes += [UInt8](repeating: random.oneIn(2) ? 0 : 7, count: Fill.shortest + random.draw(-10...10))
        }
        bytes += random.bytes(random.magnitude(upTo: 20))
        for _ in 0..<20 {
            let start = random.draw(0...bytes.count)
            let limit = min(bytes.count, start + random.magnitude(upTo: 9000))
            let found = bytes.withUnsafeBytes { buffer in
                buffer.baseAddress.flatMap { Fill.first(in: $0, from: start, before: limit, end: bytes.count) }
            }
            #expect(found == firstFill(in: bytes, from: start, before: limit))
        }
    }

    private func firstFill(in bytes: [UInt8], from start: Int, before limit: Int) -> Range<Int>? {
        var lower = start
        while lower < limit {
            let upper = bytes[lower...].firstIndex { $0 != bytes[lower] } ?? bytes.count
            if upper - lower >= Fill.shortest { return lower..<upper }
            lower = upper
        }
        return nil
    }
}
