import PacketFSTestKit
import Testing

@testable import PacketFSModel

/// Numbers and choices, in contexts of their own.
@Suite struct ColumnTests {
    private static let shape = ColumnShape(numberContexts: 5, choiceContexts: 4, choiceBits: 3)

    /// Numbers of every order of magnitude, each with its context, and a choice.
    private static func values(_ count: Int, seed: Int) -> [(number: UInt64, context: Int, choice: Int)] {
        var random = SeededRandom(seed: UInt64(seed))
        return (0..<count).map { _ in
            (random.next() >> UInt64(random.draw(2...63)), random.draw(0...4), random.draw(0...7))
        }
    }

    private static func encoded(_ values: [(number: UInt64, context: Int, choice: Int)]) -> [UInt8] {
        var encoder = ColumnEncoder(shape)
        for value in values {
            encoder.number(value.number, value.context)
            encoder.choice(value.choice, value.context & 3)
        }
        return encoder.finish()
    }

    @Test(arguments: [0, 1, 2, 3, 10, 100, 3_000], 0..<5)
    func tellsNumbersAndChoices(_ count: Int, _ seed: Int) {
        let values = Self.values(count, seed: seed)
        let coded = Self.encoded(values)
        var decoder = ColumnDecoder(coded, Self.shape)
        for value in values {
            let (number, choice) = (decoder.number(value.context), decoder.choice(value.context & 3))
            #expect(number == value.number && choice == value.choice)
        }
        let isWhole = decoder.isExact && !decoder.isOverrun
        #expect(isWhole)
    }

    @Test func equalNumbersCostLessAndLess() {
        let values = [(number: UInt64, context: Int, choice: Int)](repeating: (1_000, 1, 2), count: 2_000)
        #expect(Self.encoded(values).count < 120)
    }

    @Test(arguments: 1..<40)
    func noticesWhatIsLeftOver(_ count: Int) {
        let values = Self.values(count, seed: count)
        let coded = Self.encoded(values)
        var decoder = ColumnDecoder(coded + [9, 9, 9, 9, 9], Self.shape)
        for value in values {
            _ = decoder.number(value.context)
            _ = decoder.choice(value.context & 3)
        }
        let isWhole = decoder.isExact
        #expect(!isWhole)
    }

    /// A decoder that is asked for more than there is says so, and goes on giving numbers.
    @Test func noticesThatItIsOverrun() {
        var decoder = ColumnDecoder(Self.encoded(Self.values(20, seed: 1)), Self.shape)
        for _ in 0..<10_000 { _ = decoder.number(0) }
        let isOverrun = decoder.isOverrun
        #expect(isOverrun)
    }
}
