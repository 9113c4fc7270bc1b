import PacketFSWire
import Testing

@testable import PacketFS

/// Sums of what a peer says.
@Suite struct SummaryTests {
    @Test func aSumStaysAtItsGreatestValue() {
        var (count, bytes) = (Int.max - 1, UInt64.max - 1)
        for _ in 0..<3 {
            count.add(.max)
            bytes.add(5)
        }
        #expect(count == .max && bytes == .max)
        var less = 7
        less.add(5)
        #expect(less == 12)
    }
}
