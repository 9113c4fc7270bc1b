import Foundation
import PacketFS
import Testing

@Suite("Dry runs", .timeLimit(.minutes(15)))
struct DryRunTests {
    @Test func noContentTravelsAndNothingChanges() async throws {
        let pair = try HomePair()
        for number in 0..<5 {
            try pair.write(HomePair.random(2_000_000, seed: UInt64(number)), to: "file \(number)")
        }
        let old = pair.inbox + "/old"
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: old))
        var options = SendOptions()
        options.deletes = true
        options.isDryRun = true
        try await pair.serving {
            let dry = try await pair.send(options)
            #expect(dry.filesWritten == 5 && dry.deleted == 1 && dry.treeBytes == 10_000_000)
            #expect(dry.dataPlaneBytes < 2000 && dry.wireBytes < 65_536)
            #expect(try pair.names() == ["old"])
            #expect(try pair.office.extents().isEmpty && pair.ship.extents().isEmpty)
            options.isDryRun = false
            let wet = try await pair.send(options)
            #expect(wet.filesWritten == dry.filesWritten && wet.deleted == dry.deleted)
            #expect(try pair.names() == (0..<5).map { "file \($0)" })
            options.isDryRun = true
            let unchanged = try await pair.send(options)
            #expect(unchanged.filesWritten == 0 && unchanged.filesKept == 5 && unchanged.deleted == 0)
        }
    }
}
