import Foundation
import Testing

/// Two programs on loopback.
@Suite struct TransferProgramTests {
    /// Two homes that share a seed; the second one serves, and lets the first one write and read `there`.
    private func pair() throws -> (program: Program, server: RunningProgram) {
        let program = try Program()
        try FileManager.default.createDirectory(atPath: program.folder + "/there", withIntermediateDirectories: true)
        for home in ["a", "b"] { _ = try program.run(["init", "--home", home]) }
        _ = try program.run(["peer", "new", "b", "--export", "seed", "--home", "a"])
        _ = try program.run([
            "peer", "import", "seed", "--name", "a", "--home", "b", "--allow", "put,get:there",
        ])
        let server = try program.started(["serve", "--listen", "127.0.0.1:0", "--home", "b", "--json"])
        let listening = try #require(server.wait(for: "listening"))
        let address = try #require(listening["address"] as? String)
        _ = try program.run(["peer", "set", "b", "--address", address, "--home", "a"])
        return (program, server)
    }

    private func write(_ count: Int, to path: String) throws {
        var generator = SystemRandomNumberGenerator()
        let words = (0..<count / 8).map { _ in generator.next() }
        try words.withUnsafeBytes { try Data($0).write(to: URL(filePath: path)) }
    }

    @Test func aFileGoesThereAndBack() throws {
        let (program, server) = try pair()
        try write(300_000, to: program.folder + "/file")
        let sent = try program.run(["send", "file", "b:", "--home", "a", "--json", "--digest"])
        #expect(sent.code == 0)
        let finished = try #require(sent.events.last)
        #expect(finished["event"] as? String == "finished")
        #expect(finished["files_written"] as? Int == 1)
        #expect(finished["tree_bytes"] as? Int == 300_000)
        #expect(
            FileManager.default.contentsEqual(atPath: program.folder + "/file", andPath: program.folder + "/there/file")
        )
        let got = try program.run(["get", "b:file", "back", "--home", "a", "--quiet"])
        #expect(got.code == 0)
        #expect(got.output.isEmpty && got.error.isEmpty)
        #expect(FileManager.default.contentsEqual(atPath: program.folder + "/file", andPath: program.folder + "/back"))
        server.signal(SIGTERM)
        let outcome = server.outcome()
        #expect(outcome.code == 0)
        let transferred = outcome.events.filter { $0["event"] as? String == "transferred" }
        #expect(transferred.count == 2)
        #expect((transferred.first?["digests"] as? [[String: String]])?.first?["sha256"]?.count == 64)
        #expect(!outcome.error.contains("file"))
    }

    @Test func whatIsNotGrantedIsRefused() throws {
        let (program, _) = try pair()
        try write(8, to: program.folder + "/file")
        #expect(try program.run(["send", "file", "b:/etc/packetfs-test", "--home", "a"]).code == 7)
        #expect(try program.run(["get", "b:/etc/hostname", "got", "--home", "a"]).code == 7)
        #expect(try program.run(["send", "file", "b:../file", "--home", "a"]).code != 0)
        #expect(!FileManager.default.fileExists(atPath: program.folder + "/got"))
    }

    @Test func aMissingSourceIsNamed() throws {
        let (program, _) = try pair()
        let outcome = try program.run(["send", "nowhere", "b:", "--home", "a"])
        #expect(outcome.code == 9)
        #expect(outcome.error.contains("nowhere"))
    }

    @Test func whatTheBlobLacksIsNotSentWithOffsetsOnly() throws {
        let (program, _) = try pair()
        try write(100_000, to: program.folder + "/file")
        #expect(try program.run(["send", "file", "b:", "--home", "a", "--offset-only"]).code == 12)
        #expect(!FileManager.default.fileExists(atPath: program.folder + "/there/file"))
        #expect(try program.run(["send", "file", "b:", "--home", "a"]).code == 0)
        #expect(try program.run(["plan", "file", "b:again", "--home", "a", "--explain"]).code == 0)
    }

    @Test func anInterruptedTransferSaysSoAndResumes() throws {
        let (program, _) = try pair()
        try write(200_000_000, to: program.folder + "/file")
        let command = ["send", "file", "b:", "--home", "a", "--json", "--no-learn"]
        let first = try program.started(command)
        let progress = first.wait(for: "progress") { ($0["bytes_done"] as? Int ?? 0) > 20_000_000 }
        try #require(progress != nil)
        first.signal(SIGINT)
        let outcome = first.outcome()
        #expect(outcome.code == 130)
        #expect(outcome.error.contains("run the same command again"))
        #expect(!FileManager.default.fileExists(atPath: program.folder + "/there/file"))
        let status = try program.run(["status", "--home", "a", "--json"])
        #expect(status.events.contains { $0["event"] as? String == "unfinished" })
        let again = try program.run(command)
        #expect(again.code == 0)
        #expect(again.events.last?["wire_sent"] as? Int ?? .max < 190_000_000)
        #expect(
            FileManager.default.contentsEqual(atPath: program.folder + "/file", andPath: program.folder + "/there/file")
        )
    }
}
