import PacketFSTestKit
import PacketFSWire
import Testing

@Suite("Padmé")
struct PadmeTests {
    /// Worked by hand: exponent E = floor(log2 L), mantissa S = floor(log2 E) + 1, the last E - S bits become zero.
    @Test(
        arguments: [
            (0, 0), (1, 1), (2, 2), (3, 3), (7, 7), (8, 8), (9, 10), (10, 10), (15, 16), (100, 104), (1000, 1024),
            (1024, 1024), (1025, 1088), (4097, 4352), (65_536, 65_536), (65_537, 67_584), (1_000_000, 1_015_808),
            (1 << 30, 1 << 30), (1 << 30 | 1, 1 << 30 | 1 << 25), (1 << 63, 1 << 63), (1 << 63 | 1, 1 << 63 | 1 << 57),
            (UInt64.max, UInt64.max),
        ] as [(UInt64, UInt64)])
    func worked(length: UInt64, padded: UInt64) {
        #expect(padme(length) == padded)
    }

    @Test func coversLengthAtLittleCost() {
        var random = SeededRandom(seed: 1)
        var previous: UInt64 = 0
        let large = (0..<2000).map { _ in random.next() >> UInt64.random(in: 8..<40, using: &random) }
        for length in (Array(0..<20_000) + large).sorted() {
            let padded = padme(length)
            #expect(padded >= length)
            #expect(padded - length <= length / 100 * 12 + 12)
            #expect(padme(padded) == padded)
            #expect(padded >= previous)
            previous = padded
        }
    }

    /// The rule exists so that few sizes can be seen.
    @Test func leavesFewSizes() {
        let sizes = Set((1...(1 << 20)).map { padme(UInt64($0)) })
        #expect(sizes.count < 500)
    }
}
