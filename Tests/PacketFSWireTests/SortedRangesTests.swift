import PacketFSWire
import Testing

@Suite struct SortedRangesTests {
    @Test(arguments: [
        (0..<2, []), (0..<3, [2..<4]), (3..<4, [2..<4]), (4..<6, []), (3..<7, [2..<4, 6..<7]),
        (5..<20, [6..<7, 9..<12]),
        (12..<20, []), (10..<11, [9..<12]), (0..<0, []), (6..<6, []),
    ])
    func thoseThatOverlapAreFound(_ range: Range<Int>, _ found: [Range<Int>]) {
        #expect(Array([2..<4, 6..<7, 9..<12].overlapping(range)) == found)
        #expect([].overlapping(range).isEmpty)
    }

    @Test func rangesThatFollowEachOtherBecomeOne() {
        var ranges: [Range<Int>] = []
        for range in [0..<2, 2..<3, 5..<6, 6..<9, 10..<11] { ranges.extend(by: range) }
        #expect(ranges == [0..<3, 5..<9, 10..<11])
    }
}
