import Foundation
import Testing

/// Two programs with an adversary between them.
@Suite struct AdversaryTests {
    private let marker = "a sentence that nobody else writes"

    private func contains(_ haystack: [UInt8], _ text: String) -> Bool {
        Data(haystack).range(of: Data(text.utf8)) != nil
    }

    @Test func neitherNamesNorContentsCrossInTheClear() throws {
        let pair = try Pair()
        let relay = try Relay(to: pair.address)
        defer { relay.close() }
        try pair.reach(at: relay.address)
        let text = String(repeating: marker + "\n", count: 100)
        try FileManager.default.createDirectory(
            atPath: pair.program.folder + "/secret-folder", withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: pair.program.folder + "/secret-folder/secret-name"))
        #expect(try pair.run(["send", "secret-folder", "b:secret-place", "--no-compress", "--no-match"]).code == 0)
        #expect(pair.exists("there/secret-place/secret-folder/secret-name"))
        let seen = relay.everything
        #expect(seen.count > text.utf8.count)
        for word in [marker, "secret-folder", "secret-name", "secret-place", "there"] { #expect(!contains(seen, word)) }
    }

    @Test func theNumberOfFilesDoesNotShow() throws {
        let pair = try Pair()
        // In the middle between two sizes of Padmé: what the manifests differ by is far less than a step.
        try pair.write(708_400, to: "one/file")
        for index in 0..<7 { try pair.write(101_200, to: "seven/file\(index)") }
        let sizes = try ["one", "seven"].map { name in
            let finished = try pair.run(["send", name + "/", "b:" + name, "--json"]).events.last
            return [finished?["wire_sent"] as? Int, finished?["wire_bytes"] as? Int]
        }
        #expect(sizes[0][0] != nil)
        #expect(sizes[0] == sizes[1])
    }

    @Test(arguments: [10, 700, 1_300, 5_000, 20_000, 70_000, 250_000])
    func aFlippedBitCommitsNothing(_ offset: Int) throws {
        let pair = try Pair()
        let relay = try Relay(to: pair.address, malice: .flip(offset))
        defer { relay.close() }
        try pair.reach(at: relay.address)
        try pair.write(300_000, to: "file")
        #expect(try pair.run(["send", "file", "b:"]).code != 0)
        #expect(relay.sentToServer.count > offset)
        #expect(!pair.exists("there/file"))
        try pair.reach(at: pair.address)
        #expect(try pair.run(["send", "file", "b:"]).code == 0)
        #expect(pair.areEqual("file", "there/file"))
    }

    @Test(arguments: [700, 5_000, 100_000, 300_000])
    func aCutLineCommitsNothingAndResumes(_ offset: Int) throws {
        let pair = try Pair()
        let relay = try Relay(to: pair.address, malice: .cut(offset))
        defer { relay.close() }
        try pair.reach(at: relay.address)
        try pair.write(300_000, to: "file")
        let cut = try pair.run(["send", "file", "b:", "--json"])
        #expect(cut.code == 5 || cut.code == 6)
        #expect(!pair.exists("there/file"))
        try pair.reach(at: pair.address)
        #expect(try pair.run(["send", "file", "b:"]).code == 0)
        #expect(pair.areEqual("file", "there/file"))
    }

    /// Both ends know at once that something is missing, and do not wait for more.
    @Test func aCutLineIsNoEnd() throws {
        let pair = try Pair()
        let relay = try Relay(to: pair.address, malice: .cut(20_000))
        defer { relay.close() }
        try pair.reach(at: relay.address)
        try pair.write(300_000, to: "file")
        let start = ContinuousClock.now
        #expect(try pair.run(["send", "file", "b:"]).code != 0)
        #expect(pair.server.wait(for: "error") != nil)
        // They would find out when they say that they are alive, after 30 seconds.
        #expect(ContinuousClock.now - start < .seconds(25))
    }

    @Test func aReplayedSessionHasNoEffect() throws {
        let pair = try Pair()
        let relay = try Relay(to: pair.address)
        defer { relay.close() }
        try pair.reach(at: relay.address)
        try pair.write(50_000, to: "file")
        #expect(try pair.run(["send", "file", "b:"]).code == 0)
        try FileManager.default.removeItem(atPath: pair.there + "/file")
        let recorded = relay.sentToServer
        #expect(try Relay.replay(recorded, to: pair.address, call: Relay.call).isEmpty)
        // Where its first message was never answered before, it finds its seed, and leads nowhere.
        pair.stopServer()
        try pair.startServer()
        #expect(try !Relay.replay(recorded, to: pair.address, call: Relay.call).isEmpty)
        #expect(try Relay.replay(recorded, to: pair.address, call: Relay.call).isEmpty)
        #expect(!pair.exists("there/file"))
        #expect(try pair.run(["send", "file", "b:", "--checksum"]).code == 0)
        #expect(pair.areEqual("file", "there/file"))
    }

    @Test func recordedSessionsOfTheSameFileDiffer() throws {
        let pair = try Pair()
        try pair.write(50_000, to: "file")
        let recordings = try (0..<2).map { index in
            let relay = try Relay(to: pair.address)
            defer { relay.close() }
            try pair.reach(at: relay.address)
            #expect(try pair.run(["send", "file", "b:copy\(index)", "--no-learn"]).code == 0)
            return relay.sentToServer
        }
        #expect(recordings[0].count == recordings[1].count)
        let equal = zip(recordings[0], recordings[1]).filter { $0 == $1 }.count
        #expect(equal < recordings[0].count / 100)
    }
}
