import CZstd
import Foundation
import PacketFSPlan
import PacketFSTestKit
import PacketFSWire
import Testing

/// A blob of random bytes saves nothing: then a transfer costs what the new content compresses to, and next to nothing
/// beside it.
@Suite struct UnrelatedTests {
    /// Some of this program's code, and text.
    private static func content() throws -> [UInt8] {
        var random = SeededRandom(seed: 21)
        let program = try #require(FileHandle(forReadingAtPath: "/proc/self/exe"))
        let code = try #require(try program.read(upToCount: 9 << 20))
        return [UInt8](code) + random.prose(3 << 20)
    }

    /// What zstd makes of all of it in one frame.
    private static func compressed(_ bytes: [UInt8], level: Int32) -> Int {
        var target = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        return ZSTD_compress(&target, target.count, bytes, bytes.count, level)
    }

    @Test(arguments: PlanEffort.allCases)
    func costsNoMoreThanItsCompression(_ effort: PlanEffort) throws {
        var random = SeededRandom(seed: 20)
        let bench = try Workbench()
        bench.options.effort = effort
        try bench.provide(random.bytes(4 << 20))
        let content = try Self.content()
        let (reader, planner) = try bench.send(content)
        let coder = try BlockCoder()
        let cost = try reader.blueprints.reduce(0) { cost, leaf in
            try cost + DataRecord.leaf(leaf.key, leaf.value).encode(compress: coder.compressor).count
        }
        #expect(planner.report.content.bytes.copied < 4096)
        #expect(cost * 1000 <= Self.compressed(content, level: 3) * 1005)
    }
}
