import Foundation
import Testing

/// Two programs on loopback.
@Suite struct TransferProgramTests {
    @Test func aFileGoesThereAndBack() throws {
        let pair = try Pair()
        try pair.write(300_000, to: "file")
        let sent = try pair.run(["send", "file", "b:", "--json", "--digest"])
        #expect(sent.code == 0)
        let finished = try #require(sent.events.last)
        #expect(finished["event"] as? String == "finished")
        #expect(finished["files_written"] as? Int == 1)
        #expect(finished["tree_bytes"] as? Int == 300_000)
        #expect(pair.areEqual("file", "there/file"))
        let got = try pair.run(["get", "b:file", "back", "--quiet"])
        #expect(got.code == 0)
        #expect(got.output.isEmpty && got.error.isEmpty)
        #expect(pair.areEqual("file", "back"))
        pair.server.signal(SIGTERM)
        let outcome = pair.server.outcome()
        #expect(outcome.code == 0)
        let transferred = outcome.events.filter { $0["event"] as? String == "transferred" }
        #expect(transferred.count == 2)
        #expect((transferred.first?["digests"] as? [[String: String]])?.first?["sha256"]?.count == 64)
        #expect(!outcome.error.contains("file"))
    }

    @Test func whatIsNotGrantedIsRefused() throws {
        let pair = try Pair()
        try pair.write(8, to: "file")
        #expect(try pair.run(["send", "file", "b:/etc/packetfs-test"]).code == 7)
        #expect(try pair.run(["get", "b:/etc/hostname", "got"]).code == 7)
        #expect(try pair.run(["send", "file", "b:../stolen"]).code != 0)
        #expect(!pair.exists("got") && !pair.exists("stolen"))
        _ = try pair.program.run(["peer", "set", "a", "--disallow", "there", "--home", "b"])
        #expect(try pair.run(["send", "file", "b:"]).code == 7)
        #expect(!pair.exists("there/file"))
    }

    @Test func aRemovedPeerIsNobody() throws {
        let pair = try Pair()
        try pair.write(8, to: "file")
        #expect(try pair.run(["send", "file", "b:"]).code == 0)
        _ = try pair.program.run(["peer", "remove", "a", "--yes", "--home", "b"])
        #expect(try pair.run(["send", "file", "b:again"]).code == 6)
        #expect(!pair.exists("there/again"))
    }

    @Test func aMissingSourceIsNamed() throws {
        let outcome = try Pair().run(["send", "nowhere", "b:"])
        #expect(outcome.code == 9)
        #expect(outcome.error.contains("nowhere"))
    }

    @Test func whatTheBlobLacksIsNotSentWithOffsetsOnly() throws {
        let pair = try Pair()
        try pair.write(100_000, to: "file")
        #expect(try pair.run(["send", "file", "b:", "--offset-only"]).code == 12)
        #expect(!pair.exists("there/file"))
        let sent = try pair.run(["send", "file", "b:"])
        #expect(sent.code == 0, "\(sent.error)")
        #expect(try pair.run(["plan", "file", "b:again", "--explain"]).code == 0)
    }

    /// For each file and in total: where the bytes come from, and what they cost.
    @Test func aPlanExplainsEveryByte() throws {
        let pair = try Pair()
        try pair.write(200_000, to: "tree/known")
        #expect(try pair.run(["send", "tree/known", "b:"]).code == 0)
        try pair.write(70_000, to: "tree/new")
        let events = try pair.run(["plan", "tree/", "b:tree", "--explain", "--json"]).events
        let items = events.filter { $0["event"] as? String == "item" }
        let plan = try #require(events.first { $0["event"] as? String == "plan" })
        func number(_ name: String, _ event: [String: Any]) -> Int { event[name] as? Int ?? -1 }
        #expect(items.compactMap { $0["path"] as? String } == ["", "known", "new"])
        #expect(number("copied", items[1]) == 200_000 && number("literal", items[2]) == 70_000)
        let kinds = ["copied", "added", "filled", "literal"]
        for item in items { #expect(kinds.reduce(0) { $0 + number($1, item) } == number("size", item)) }
        let costs = ["descriptor_bytes", "difference_bytes", "literal_bytes", "tag_bytes"]
        for cost in costs { #expect(items.reduce(0) { $0 + number(cost, $1) } == number(cost, plan)) }
        #expect(costs.reduce(0) { $0 + number($1, plan) } == number("record_bytes", plan))
        let sealed = number("record_bytes", plan) + number("overhead_bytes", plan)
        #expect(number("padding_bytes", plan) >= 0 && number("padding_bytes", plan) < sealed / 8 + 4096)
        let text = try pair.run(["plan", "tree/", "b:tree", "--explain"]).output
        for word in ["copied", "added", "runs", "literal", "descriptors", "tags", "padding", "(all)", "known"] {
            #expect(text.contains(word))
        }
    }

    /// Two processes of one home send to one destination: neither takes the other's transfer for an interrupted one.
    @Test func twoProcessesSendAtOnce() throws {
        let pair = try Pair()
        let relay = try Relay(to: pair.address, malice: .hold(30_000_000))
        defer { relay.close() }
        try pair.reach(at: relay.address)
        try pair.write(50_000_000, to: "file")
        let command = ["send", "file", "b:", "--json", "--no-learn"]
        let first = try pair.program.started(command + ["--home", "a"])
        relay.waitUntilHolding()
        #expect(try !pair.run(["status", "--json"]).events.contains { $0["event"] as? String == "unfinished" })
        try pair.reach(at: pair.address)
        let second = try pair.run(command)
        #expect(second.code == 0)
        #expect(second.events.last?["wire_sent"] as? Int ?? 0 > 50_000_000)
        relay.release()
        #expect(first.outcome().code == 0)
        #expect(pair.areEqual("file", "there/file"))
        let names = try FileManager.default.contentsOfDirectory(atPath: pair.there)
        #expect(names == ["file"])
    }

    /// A killed program that is run again at once goes on, although the server does not know yet that it was killed.
    @Test(arguments: [["send", "file", "b:"], ["get", "b:file", "got"]])
    func whatWasKilledGoesOnAtOnce(_ words: [String]) throws {
        let pair = try Pair()
        let isSent = words[0] == "send"
        let relay = try Relay(to: pair.address, malice: isSent ? .hold(60_000_000) : .holdAnswer(60_000_000))
        defer { relay.close() }
        try pair.reach(at: relay.address)
        try pair.write(100_000_000, to: isSent ? "file" : "there/file")
        let command = words + ["--json", "--no-learn", "--padding", "none"]
        let first = try pair.program.started(command + ["--home", "a"])
        relay.waitUntilHolding()
        // Who fetches is killed with what it has not read yet.
        if !isSent { try #require(first.wait(for: "progress") { ($0["bytes_done"] as? Int ?? 0) > 20_000_000 } != nil) }
        first.signal(SIGKILL)
        _ = first.outcome()
        try pair.reach(at: pair.address)
        let again = try pair.run(command)
        #expect(again.code == 0)
        #expect(again.events.last?["wire_bytes"] as? Int ?? .max < (isSent ? 60_000_000 : 90_000_000))
        #expect(isSent ? pair.areEqual("file", "there/file") : pair.areEqual("got", "there/file"))
    }

    @Test func whatWasRefusedIsNotTakenForInterrupted() throws {
        let pair = try Pair()
        try pair.write(100_000, to: "file")
        #expect(try pair.run(["send", "file", "b:/elsewhere"]).code == 7)
        #expect(try pair.run(["send", "file", "b:", "--offset-only"]).code == 12)
        #expect(try !pair.run(["status", "--json"]).events.contains { $0["event"] as? String == "unfinished" })
    }

    /// Where a disk went away, the one beneath is not filled: no folder and no file takes the place of what is allowed.
    @Test func aFolderThatIsAllowedIsNeverMade() throws {
        let pair = try Pair()
        try pair.write(1000, to: "tree/file")
        try FileManager.default.removeItem(atPath: pair.there)
        for words in [
            ["tree/file", "b:"], ["tree/file", "b:x/y"], ["tree/", "b:"], ["tree/", "b:x"], ["tree/", "b:", "-n"],
        ] {
            #expect(try pair.run(["send"] + words).code == 10, "\(words)")
            let error = pair.server.wait(for: "error")?["message"] as? String
            #expect(error?.contains("is not there, and is never made") == true, "\(words)")
            #expect(!pair.exists("there"))
        }
        #expect(try pair.run(["status"]).output.contains("can be resumed") == false)
        try FileManager.default.createDirectory(atPath: pair.there, withIntermediateDirectories: false)
        #expect(try pair.run(["send", "tree/", "b:x"]).code == 0)
    }

    /// Links beneath what is allowed, a file, a name that is too long: both ends say what they can, and nobody waits for
    /// more of it.
    @Test(arguments: ["link/x", "link/x/", "file/x", String(repeating: "n", count: 256), "link"])
    func aDestinationThatCannotBeIsRefused(_ place: String) throws {
        let pair = try Pair()
        try pair.write(1000, to: "tree/sub/one")
        try pair.write(10, to: "there/file")
        try pair.write(10, to: "elsewhere/x")
        try FileManager.default.createSymbolicLink(
            atPath: pair.there + "/link", withDestinationPath: pair.program.folder + "/elsewhere")
        let sent = try pair.run(["send", "tree/", "b:" + place])
        #expect(sent.code == 10)
        #expect(sent.error.contains("a link") && sent.error.contains("'serve'"))
        let error = pair.server.wait(for: "error")?["message"] as? String
        let isLong = place.count > 255
        #expect(error == "the destination cannot be used: " + (isLong ? "File name too long" : "Not a directory"))
        #expect(try pair.run(["status"]).output.contains("can be resumed") == false)
        guard place == "link/x" else { return }
        let got = try pair.run(["get", "b:" + place, "got"])
        #expect(got.code == 9 && got.error.contains("a link leads to it"))
        pair.stopServer()
        #expect(try pair.program.run(["status", "--home", "b"]).output.contains("can be resumed") == false)
    }

    @Test func anInterruptedTransferSaysSoAndResumes() throws {
        let pair = try Pair()
        let relay = try Relay(to: pair.address, malice: .hold(60_000_000))
        defer { relay.close() }
        try pair.reach(at: relay.address)
        try pair.write(100_000_000, to: "file")
        let command = ["send", "file", "b:", "--json", "--no-learn"]
        let first = try pair.program.started(command + ["--home", "a"])
        relay.waitUntilHolding()
        first.signal(SIGINT)
        let outcome = first.outcome()
        #expect(outcome.code == 130)
        #expect(outcome.error.contains("run the same command again"))
        #expect(!pair.exists("there/file"))
        #expect(try pair.run(["status", "--json"]).events.contains { $0["event"] as? String == "unfinished" })
        relay.release()
        _ = pair.server.wait(for: "error") { $0["peer"] as? String == "a" }
        try pair.reach(at: pair.address)
        let again = try pair.run(command)
        #expect(again.code == 0)
        #expect(again.events.last?["wire_sent"] as? Int ?? .max < 60_000_000)
        #expect(pair.areEqual("file", "there/file"))
    }
}
