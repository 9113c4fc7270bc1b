import Foundation
import Glibc
import Testing

/// Pads over sessions, through the program: keystream, stream cipher and one-time-pad messages.
@Suite struct PadTransferProgramTests {
    /// Two homes that share a seed and a pad, which both call `pad`.
    private func pair(source: String? = nil) throws -> Pair {
        let pair = try Pair()
        if source == nil { try pair.write(8 << 20, to: "noise") }
        let make = try pair.program.run(["pad", "create", "whole", "--size", "8M", "--source", source ?? "noise"])
        #expect(make.code == 0, "\(make.error)")
        #expect(try pair.program.run(["pad", "split", "whole", "one", "other"]).code == 0)
        for (file, home) in [("one", "a"), ("other", "b")] {
            #expect(try pair.program.run(["pad", "import", file, "--name", "pad", "--home", home]).code == 0)
        }
        return pair
    }

    private func status(_ pair: Pair, _ home: String) throws -> [String: Any] {
        try #require(try pair.program.run(["pad", "status", "--home", home, "--json"]).events.first)
    }

    @Test func aKeystreamGoesThereAndBack() throws {
        let pair = try pair()
        try pair.write(300_000, to: "file")
        let sent = try pair.run(["send", "file", "b:", "--protection", "keystream", "--json"])
        #expect(sent.code == 0, "\(sent.error)")
        let finished = try #require(sent.events.last)
        #expect(finished["protection"] as? String == "keystream")
        #expect(finished["pad"] as? String == "pad" && finished["pad_source_kind"] as? String == "file")
        let bytes = ["pad_used", "pad_burnt", "pad_left"].compactMap { finished[$0] as? Int }
        #expect(bytes.count == 3 && bytes[0] >= 300_000 && bytes[1] > 0 && bytes.reduce(0, +) == 4 << 20)
        #expect(pair.areEqual("file", "there/file"))
        let got = try pair.run(["get", "b:file", "back", "--protection", "keystream", "--pad", "pad"])
        #expect(got.code == 0, "\(got.error)")
        #expect(got.output.contains("covered by the pad pad") && got.output.contains(" burnt, "))
        #expect(pair.areEqual("file", "back"))
        let (a, b) = (try status(pair, "a"), try status(pair, "b"))
        #expect(a["mark"] as? Int == b["next"] as? Int && b["mark"] as? Int == a["next"] as? Int)
        #expect(a["spent"] as? Int ?? 0 >= 300_000 && b["spent"] as? Int ?? 0 >= 300_000)
    }

    @Test func theStreamCipherIsCalledOne() throws {
        let pair = try Pair()
        try pair.write(300_000, to: "file")
        let sent = try pair.run(["send", "file", "b:", "--protection", "stream-cipher"])
        #expect(sent.code == 0, "\(sent.error)")
        #expect(sent.output.contains("stream cipher") && !sent.output.contains("one-time"))
        let got = try pair.run(["get", "b:file", "back", "--protection", "stream-cipher", "--json"])
        #expect(got.events.last?["protection"] as? String == "stream-cipher")
        #expect(pair.areEqual("file", "back"))
        #expect(try pair.run(["send", "file", "b:", "--protection", "stream-cipher", "--pad", "x"]).code == 2)
    }

    @Test func whatThePadCannotHoldIsRefusedBeforehand() throws {
        let pair = try pair()
        try pair.write(6 << 20, to: "file")
        let refused = try pair.run(["send", "file", "b:", "--protection", "keystream"])
        #expect(refused.code == 13 && refused.error.contains("4194304 bytes left"), "\(refused.error)")
        #expect(!pair.exists("there/file"))
        #expect(try status(pair, "a")["left"] as? Int == 4 << 20)
    }

    @Test func aMessageIsCarriedAndAcknowledged() throws {
        let pair = try pair()
        try pair.write(100_000, to: "file")
        let sent = try pair.run(["send", "file", "b:deep/in", "--protection", "otp", "--pad-to", "256K", "--json"])
        #expect(sent.code == 0, "\(sent.error)")
        #expect(sent.events.last?["protection"] as? String == "otp")
        #expect(sent.events.last?["content_bytes"] as? Int == 64 * 4064 + 49)
        #expect(pair.areEqual("file", "there/deep/in/file"))
        #expect((try status(pair, "a")["kept"] as? [Int])?.isEmpty == true)
        #expect(try status(pair, "b")["received"] as? Int == 256 << 10)
        let refused = try pair.run(["send", "file", "b:/etc", "--protection", "otp"])
        #expect(refused.code != 0 && refused.error.contains("pad kept 64 --pad pad --send b"))
        #expect(!FileManager.default.fileExists(atPath: "/etc/file"))
    }

    /// The seed's holder chooses no owner by a message, whatever the server may set; who opens it by hand may want them.
    @Test(.enabled(if: geteuid() == 0, "only root can give a file away"))
    func aMessageThatIsSentHasNoOwners() throws {
        let pair = try pair()
        try pair.write(1000, to: "file")
        try #require(chown(pair.program.folder + "/file", 12_345, 12_345) == 0)
        func owner(_ name: String) throws -> Int? {
            let attributes = try FileManager.default.attributesOfItem(atPath: pair.program.folder + "/" + name)
            return (attributes[.ownerAccountID] as? NSNumber)?.intValue
        }
        #expect(try pair.run(["send", "file", "b:in", "--protection", "otp"]).code == 0)
        #expect(try owner("there/in/file") == 0)
        #expect(try pair.run(["pad", "seal", "file", "--message", "m"]).code == 0)
        #expect(try pair.program.run(["pad", "open", "m", "by hand", "--home", "b"]).code == 0)
        #expect(try owner("by hand/file") == 12_345)
    }

    /// The line is cut within the message: it is kept, and sent again as it was; a second time the peer only says so.
    @Test func aMessageThatWasCutIsKeptAndSentAgain() throws {
        let pair = try pair()
        try pair.write(300_000, to: "file")
        let relay = try Relay(to: pair.address, malice: .cut(200_000))
        try pair.reach(at: relay.address)
        let cut = try pair.run(["send", "file", "b:in", "--protection", "otp"])
        relay.close()
        #expect(cut.code == 5 && cut.error.contains("pad kept 0 --pad pad --send b"), "\(cut.error)")
        #expect(!pair.exists("there/in"))
        #expect(try status(pair, "a")["kept"] as? [Int] == [0])
        try pair.reach(at: pair.address)
        #expect(try pair.run(["pad", "kept", "0", "--message", "copy"]).code == 0)
        let again = try pair.run(["pad", "kept", "0", "--pad", "pad", "--send", "b"])
        #expect(again.code == 0, "\(again.error)")
        #expect(pair.areEqual("file", "there/in/file"))
        #expect((try status(pair, "a")["kept"] as? [Int])?.isEmpty == true)
        let spent = try status(pair, "a")["spent"] as? Int
        #expect(spent ?? 0 < 330_000)
        #expect(try pair.program.run(["pad", "open", "copy", "again", "--home", "b"]).code == 7)
    }

    /// The same command would seal another message, and spend the pad again.
    @Test func aMessageThatWasInterruptedSaysHowItIsSentAgain() throws {
        let pair = try pair()
        try pair.write(300_000, to: "file")
        let relay = try Relay(to: pair.address, malice: .hold(200_000))
        defer { relay.close() }
        try pair.reach(at: relay.address)
        let first = try pair.program.started(["send", "file", "b:in", "--protection", "otp", "--home", "a"])
        relay.waitUntilHolding()
        first.signal(SIGINT)
        let outcome = first.outcome()
        #expect(outcome.code == 130 && outcome.error.contains("pad kept 0 --pad pad --send b"), "\(outcome.error)")
        #expect(!outcome.error.contains("same command"))
        let spent = try status(pair, "a")["spent"] as? Int
        relay.release()
        try pair.reach(at: pair.address)
        let again = try pair.run(["pad", "kept", "0", "--pad", "pad", "--send", "b"])
        #expect(again.code == 0, "\(again.error)")
        #expect(pair.areEqual("file", "there/in/file"))
        #expect(try status(pair, "a")["spent"] as? Int == spent)
    }

    @Test func computedBytesCarryNoOneTimePad() throws {
        let pair = try pair(source: "system")
        try pair.write(1000, to: "file")
        let refused = try pair.run(["send", "file", "b:", "--protection", "otp"])
        #expect(refused.code == 7 && refused.error.contains("not a one-time pad"))
        let sealed = try pair.run(["pad", "seal", "file", "--message", "m", "--json"])
        #expect(sealed.code == 0 && sealed.error.contains("not a one-time pad"))
        #expect(sealed.events.last?["source_kind"] as? String == "system")
        let sent = try pair.run(["send", "file", "b:", "--protection", "keystream"])
        #expect(sent.code == 0 && sent.output.contains("not a one-time pad"))
    }

    /// One damaged ledger is that pad's trouble, and is said; the others are shown.
    @Test func aDamagedLedgerHidesNoOtherPad() throws {
        let pair = try pair()
        try pair.write(8 << 20, to: "noise2")
        #expect(try pair.program.run(["pad", "create", "w2", "--size", "1M", "--source", "noise2"]).code == 0)
        #expect(try pair.program.run(["pad", "split", "w2", "o2", "p2"]).code == 0)
        #expect(try pair.run(["pad", "import", "o2", "--name", "second"]).code == 0)
        let ledger = URL(filePath: pair.program.folder + "/a/state/pads/pad.ledger")
        var bytes = try Data(contentsOf: ledger)
        bytes[80] ^= 1
        let handle = try FileHandle(forWritingTo: ledger)
        try handle.write(contentsOf: bytes)
        try handle.close()
        let shown = try pair.run(["pad", "status", "--json"])
        #expect(shown.code == 8)
        let pads = shown.events.filter { $0["event"] as? String == "pad" }
        #expect(pads.count == 2)
        #expect((pads[0]["problem"] as? String)?.contains("ledger") == true)
        #expect(pads[1]["left"] as? Int == 1 << 19 && pads[1]["problem"] == nil)
        let refused = try pair.run(["send", "noise2", "b:", "--protection", "keystream", "--pad", "pad"])
        #expect(refused.code == 8)
    }

    /// What is being opened has no name that a crash could leave.
    @Test func nothingIsLeftOfAMessageThatCouldNotBeOpened() throws {
        let pair = try pair()
        try pair.write(100_000, to: "junk")
        #expect(try pair.program.run(["pad", "open", "junk", "in", "--home", "b"]).code == 8)
        let left = try FileManager.default.contentsOfDirectory(atPath: pair.program.folder + "/b/data/pads")
        #expect(left.sorted() == ["pad.messages", "pad.pad"])
    }
}
