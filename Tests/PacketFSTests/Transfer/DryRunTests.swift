import Foundation
import PacketFS
import PacketFSTestKit
import Testing

@Suite("Dry runs", .timeLimit(.minutes(15)))
struct DryRunTests {
    @Test func noContentTravelsAndNothingChanges() async throws {
        let pair = try HomePair()
        for number in 0..<5 {
            try pair.write(HomePair.random(2_000_000, seed: UInt64(number)), to: "file \(number)")
        }
        let names = (0..<5).map { "file \($0)" }
        try FileManager.default.linkItem(atPath: pair.sources + "/file 0", toPath: pair.sources + "/link")
        let old = pair.inbox + "/old"
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: old))
        var options = SendOptions()
        options.deletes = true
        options.isDryRun = true
        try await pair.serving {
            let dry = try await pair.send(options)
            #expect(dry.filesWritten == 6 && dry.deleted == 1 && dry.treeBytes == 10_000_000)
            #expect(dry.changes == names.map { PathChange(.write, $0) })
            #expect(dry.dataPlaneBytes < 2000 && dry.wireBytes < 65_536)
            #expect(try pair.names() == ["old"])
            #expect(try pair.office.extents().isEmpty && pair.ship.extents().isEmpty)
            options.isDryRun = false
            let wet = try await pair.send(options)
            #expect(wet.filesWritten == dry.filesWritten && wet.deleted == dry.deleted)
            #expect(try pair.names() == names + ["link"])
            options.isDryRun = true
            let unchanged = try await pair.send(options)
            #expect(unchanged.changes.isEmpty && wet.changes.isEmpty)
            #expect(unchanged.filesWritten == 0 && unchanged.filesKept == 6 && unchanged.deleted == 0)
        }
    }

    /// Who fetches has the files that would go, and gets to know their names.
    @Test func whatWouldGoIsNamed() throws {
        let pair = try TestPair()
        let file = Tree.Node.file([1], mode: 0o600, modified: 0)
        Tree(["link": .link("new"), "new": file, "same": file, "standing": .link("same")]).write(to: pair.outbox)
        let before = Tree([
            "extra": file, "folder": .folder(mode: 0o700), "folder/inner": file, "kept": .folder(mode: 0o700),
            "kept/a.keep": file, "kept/gone": file, "same": file, "standing": .link("same"),
        ])
        before.write(to: pair.inbox)
        var setup = SessionSetup()
        setup.verb = .get
        setup.options.isDryRun = true
        setup.options.deletes = true
        setup.options.excludes = ["*.keep"]
        var random = SeededRandom(seed: 1)
        let session = try SimulatedSession(pair, setup, random: &random)
        try session.run()
        #expect(session.isComplete)
        let summary = session.initiator.summary(now: session.clock.now)
        let deleted = ["extra", "folder", "folder/inner", "kept/gone"]
        #expect(summary.changes.filter { $0.kind == .delete }.map(\.path).sorted() == deleted)
        #expect(summary.deleted == deleted.count)
        #expect(summary.changes.filter { $0.kind == .write }.map(\.path) == ["link", "new", "same"])
        #expect(summary.filesWritten == 3 && summary.filesKept == 1)
        #expect(Tree(at: pair.inbox) == before)
    }
}
