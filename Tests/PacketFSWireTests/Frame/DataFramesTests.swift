import PacketFSWire
import Testing

@Suite("Data frames")
struct DataFramesTests {
    private static let overhead = Limits.frame - Limits.payload

    @Test
    func `full frames grow by powers of two, from 2,048 bytes on the wire to the largest frame`() {
        var sent: UInt64 = 0
        var lengths: [Int] = []
        while sent < 1 << 20 {
            let capacity = DataFrames.capacity(after: sent)
            lengths.append(capacity + Self.overhead)
            sent += UInt64(capacity)
        }
        #expect(lengths == lengths.sorted())
        #expect(Set(lengths) == [2048, 4096, 8192, 16_384, 32_768, Limits.frame])
        #expect(lengths.prefix(9).allSatisfy { $0 == 2048 })
    }

    @Test
    func `a frame waits for no more than a quarter of what went before it, or for 2 KiB`() {
        for sent in stride(from: UInt64(0), through: 1 << 20, by: 509) {
            let length = UInt64(DataFrames.capacity(after: sent) + Self.overhead)
            #expect(length <= max(2048, sent / 4))
            #expect(length > min(max(2048, sent / 4), UInt64(Limits.frame)) / 2)
        }
    }

    @Test(arguments: [0, 1, 2025, 2026, 16_384, 300_000, 1 << 20, 12_345_678])
    func `frames are counted as they are cut`(bytes: UInt64) {
        var (sent, frames) = (UInt64(0), UInt64(0))
        while sent < bytes {
            sent += UInt64(DataFrames.capacity(after: sent))
            frames += 1
        }
        #expect(DataFrames.count(for: bytes) == frames)
    }

    @Test
    func `the count of any number of bytes needs no loop over them`() {
        #expect(DataFrames.count(for: 1 << 60) > 1 << 44)
    }
}
