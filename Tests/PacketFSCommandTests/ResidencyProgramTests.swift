import Foundation
import Testing

/// A server that keeps its replicas in memory.
@Suite struct ResidencyProgramTests {
    private func serve(_ pair: Pair, _ options: [String], through starter: [String] = []) throws -> RunningProgram {
        pair.server.signal(SIGTERM)
        return try pair.program.started(
            ["serve", "--listen", "127.0.0.1:0", "--home", "b", "--json"] + options, through: starter)
    }

    @Test func transfersAreTheSame() throws {
        let pair = try Pair()
        try pair.write(3_000_000, to: "old")
        #expect(try pair.run(["send", "old", "b:one"]).code == 0)
        let server = try serve(
            pair, ["--transparent-huge-pages", "try", "--huge-pages", "try", "--lock-blob", "try", "--numa", "try"])
        try pair.reach(at: #require(server.wait(for: "listening")?["address"] as? String))
        for name in ["two", "three"] {
            // What was learned in this very process is held as well.
            try pair.write(500_000, to: "new")
            let sent = try pair.run(["send", "old", "new", "b:" + name, "--json"])
            #expect(sent.code == 0)
            #expect(sent.events.last?["leaves_repaired"] as? Int == 0)
            #expect(pair.areEqual("old", "there/\(name)/old") && pair.areEqual("new", "there/\(name)/new"))
        }
        server.signal(SIGTERM)
        #expect(server.outcome().code == 0)
    }

    @Test func whatIsRequiredAndMissingIsSaidAtTheStart() throws {
        let pair = try Pair()
        try pair.write(300_000, to: "old")
        #expect(try pair.run(["send", "old", "b:one"]).code == 0)
        let refused = try serve(pair, ["--numa", "require", "--numa-node", "1000"])
        let error = try #require(refused.wait(for: "error"))
        #expect(error["code"] as? String == "limit")
        #expect((error["hint"] as? String)?.contains("packetfs doctor") == true)
        #expect(refused.outcome().code == 13)
        // This kernel, as the program sees it, never joins pages.
        if geteuid() == 0 {
            try Data("always madvise [never]\n".utf8).write(to: URL(filePath: pair.program.folder + "/never"))
            let bound = "mount --bind never /sys/kernel/mm/transparent_hugepage/enabled && exec \"$0\" \"$@\""
            let refused = try serve(
                pair, ["--transparent-huge-pages", "require"], through: ["unshare", "--mount", "sh", "-c", bound])
            #expect((refused.wait(for: "error")?["hint"] as? String)?.hasPrefix("echo madvise >") == true)
            #expect(refused.outcome().code == 13)
        }
        let warned = try serve(pair, ["--numa", "try", "--numa-node", "1000"])
        _ = warned.wait(for: "listening")
        warned.signal(SIGTERM)
        #expect(warned.outcome().error.contains("no such NUMA node"))
    }
}
