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
        Tree(["link": .link("new"), "new": file, "place": file, "same": file, "standing": .link("same")])
            .write(to: pair.outbox)
        let before = Tree([
            "extra": file, "folder": .folder(mode: 0o700), "folder/inner": file, "kept": .folder(mode: 0o700),
            "kept/a.keep": file, "kept/gone": file, "place": .folder(mode: 0o700), "place/inner": file, "same": file,
            "standing": .link("same"),
        ])
        before.write(to: pair.inbox)
        var setup = SessionSetup()
        setup.verb = .get
        setup.options.isDryRun = true
        setup.options.deletes = true
        setup.options.excludes = ["*.keep"]
        var random = SeededRandom(seed: 1)
        func summary() throws -> TransferSummary {
            let session = try SimulatedSession(pair, setup, random: &random)
            try session.run()
            #expect(session.isComplete)
            return session.initiator.summary(now: session.clock.now)
        }
        let dry = try summary()
        let deleted = ["extra", "folder", "folder/inner", "kept/gone", "place", "place/inner"]
        #expect(dry.changes.filter { $0.kind == .delete }.map(\.path).sorted() == deleted)
        #expect(dry.deleted == deleted.count)
        #expect(dry.changes.filter { $0.kind == .write }.map(\.path) == ["link", "new", "place", "same"])
        #expect(dry.filesWritten == 4 && dry.filesKept == 1)
        #expect(Tree(at: pair.inbox) == before)
        setup.options.isDryRun = false
        #expect(try summary().deleted == dry.deleted)
    }
}
