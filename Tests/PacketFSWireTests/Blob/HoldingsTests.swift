import PacketFSWire
import Testing

@Suite struct HoldingsTests {
    private func count(_ ranges: [(UInt64, Int)]) throws -> Int {
        let extents = ranges.map { address, length in
            Extent(range: AddressRange(address: address, length: length), digest: [UInt8](repeating: 0, count: 32))
        }
        let log = LogID(unchecked: [UInt8](repeating: 1, count: LogID.byteCount))
        return try Holdings(log: log, extents: extents).transferCount
    }

    /// What one transfer brings without a gap fills its extents, but for less than a leaf.
    @Test func extentsTellByHowManyTransfersTheyWereBrought() throws {
        #expect(try count([]) == 0)
        #expect(try count([(0, 100)]) == 1)
        #expect(try count([(0, 100), (100, 50)]) == 2)
        #expect(try count([(0, 100), (200, 50), (250, 9)]) == 3)
        let full = Limits.extent - Limits.leaf + 1
        let rest = 50 + UInt64(full + Limits.extent)
        #expect(try count([(50, full), (50 + UInt64(full), Limits.extent), (rest, 8)]) == 1)
        #expect(try count([(50, full - 1), (50 + UInt64(full - 1), 8)]) == 2)
        #expect(try count([(50, full), (51 + UInt64(full), 8)]) == 2)
    }
}
