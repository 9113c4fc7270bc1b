import Foundation
import Testing

@testable import PacketFS
@testable import packetfs

@Suite struct OutputTests {
    private func object(_ event: some Encodable) throws -> [String: Any] {
        let line = JSONLine.text(event)
        #expect(!line.contains("\n"))
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    /// What was not told is not said, and what was not transferred need be no entry.
    @Test func aSummarySaysWhatIsKnown() {
        var summary = TransferSummary()
        (summary.filesWritten, summary.wireBytes, summary.totalSeconds) = (8, 5000, 1)
        let wire = ByteCount.text(5000)
        #expect(SummaryText.lines(summary, verb: "sent") == ["sent 8 files; \(wire) on the wire, 1.0 s"])
        summary.treeBytes = 50_000
        #expect(SummaryText.lines(summary, verb: "sent").first?.contains("of \(ByteCount.text(50_000)); ") == true)
        summary.warnings = [TransferWarning(path: "fifo", reason: "r")]
        #expect(SummaryText.partial(summary) == "not everything was transferred as it is: 1 warning")
    }

    /// What is about the destination itself has no path beneath it, and is said all the same.
    @Test func anEmptyPathIsTheDestination() {
        #expect(TransferWarning(path: "", reason: "r").text == "packetfs: warning: .: r")
        #expect(TransferWarning(path: "a\nb", reason: "r").text == "packetfs: warning: a\\u{a}b: r")
        func line(_ destination: String, asked: String? = nil) -> String? {
            let transfer = HomeStatus.Unfinished(
                peer: "far", isSending: true, destination: destination, asked: asked, startedAt: 0)
            let location = HomeLocation(folder: "/h")
            return StatusText.lines(HomeStatus(location: location, peers: [], unfinished: [transfer])).last
        }
        #expect(line("") == "  to far: ., begun 1970-01-01T00:00:00Z")
        #expect(line("in") == "  to far: in, begun 1970-01-01T00:00:00Z")
        #expect(
            line("00ff", asked: "/srv/a, /srv/b") == "  to far: /srv/a, /srv/b, as it asked, begun 1970-01-01T00:00:00Z"
        )
    }

    @Test func progressHasEveryCounter() throws {
        var progress = Progress()
        progress.phase = .transferring
        progress.bytesTotal = 1 << 53
        let event = try object(ProgressEvent(progress))
        #expect(event["event"] as? String == "progress")
        #expect(event["phase"] as? String == "transferring")
        #expect(event["bytes_total"] as? UInt64 == 1 << 53)
        #expect(
            Set(event.keys) == [
                "event", "phase", "bytes_done", "bytes_total", "wire_sent", "wire_received", "leaves_repaired",
            ]
        )
    }

    @Test func summaryHasEveryField() throws {
        var summary = TransferSummary()
        summary.digests = [
            FileDigest(path: [0x61, 0xff, 0x5c], sha256: "01"),
            FileDigest(path: Array("b/fileName".utf8), sha256: "02"),
        ]
        summary.warnings = [TransferWarning(path: "a", reason: "b")]
        let event = try object(SummaryEvent("finished", summary))
        #expect(event["warnings"] as? Int == 1)
        let digests = try #require(event["digests"] as? [[String: String]])
        #expect(digests == [["path": "a\\xff\\\\", "sha256": "01"], ["path": "b/fileName", "sha256": "02"]])
        let fields = Mirror(reflecting: summary).children.compactMap(\.label)
        // The event's name is there besides; of no pad nothing is said, and changes have events of their own.
        #expect(event.count == fields.count - 1)
        #expect(event["protection"] as? String == "aead" && event["pad"] == nil)
    }

    @Test func errorsCarryTheirExitCode() throws {
        let event = try object(ErrorEvent(PacketFSError(.handshake, "it failed", hint: "compare")))
        #expect(event["code"] as? String == "handshake")
        #expect(event["exit_code"] as? Int == 6)
        #expect(event["hint"] as? String == "compare")
    }

    @Test(arguments: [
        ("plain é 漢", "plain é 漢"), ("a\u{1B}[2Jb", "a\\u{1b}[2Jb"), ("x\ny", "x\\u{a}y"),
        ("\u{202E}gpj", "\\u{202e}gpj"),
        ("\u{9B}c", "\\u{9b}c"), ("a\u{2028}", "a\\u{2028}"), ("", ""),
    ])
    func terminalsAreSafe(_ text: String, _ printable: String) {
        #expect(text.printable == printable)
    }

    @Test func tablesAlign() {
        var table = Table(["name", "n"], right: [1])
        table.add(["a\u{1B}", "10"])
        table.add(["longer", "7"])
        #expect(table.lines == ["name      n", "a\\u{1b}  10", "longer    7"])
    }
}

@Suite struct ProgressLineTests {
    @Test func showsOnlyThePhaseBeforeAnythingIsKnown() {
        #expect(ProgressLine().text(Progress()) == "connecting")
    }

    @Test func showsRateRatioAndTimeLeft() {
        var line = ProgressLine()
        var progress = Progress()
        progress.phase = .transferring
        progress.bytesTotal = 100 << 20
        _ = line.draw(progress, at: 0)
        progress.bytesDone = 50 << 20
        progress.wireSent = 5 << 20
        let drawn = line.draw(progress, at: 5)
        #expect(drawn == "\rtransferring  50.0 MiB of 100 MiB  10.0 MiB/s  wire 10.0%  0:05 left")
    }

    @Test func wipesWhatALongerLineLeft() {
        var line = ProgressLine()
        var progress = Progress()
        progress.bytesTotal = 1
        let long = line.draw(progress, at: 0)
        progress = Progress()
        let short = line.draw(progress, at: 1)
        #expect(short.count == long.count)
        #expect(line.clear() == "\r" + String(repeating: " ", count: "connecting".count) + "\r")
        #expect(line.clear().isEmpty)
    }

    @Test func neverWrapsATerminal() {
        var line = ProgressLine()
        var progress = Progress()
        progress.phase = .transferring
        progress.bytesTotal = .max
        progress.bytesDone = .max - 1
        progress.leavesRepaired = 1_000_000
        _ = line.draw(progress, at: 0)
        #expect(line.draw(progress, at: 1).count <= 80)
    }
}

@Suite struct RateMeterTests {
    @Test func followsAChangeSlowly() throws {
        var meter = RateMeter()
        meter.read(0, at: 0)
        #expect(meter.rate == nil)
        meter.read(1000, at: 1)
        #expect(meter.rate == 1000)
        meter.read(1000, at: 2)
        let rate = try #require(meter.rate)
        #expect(rate > 500 && rate < 1000)
    }

    @Test func putsQuickReadingsTogether() {
        var meter = RateMeter()
        meter.read(0, at: 0)
        meter.read(500, at: 0.05)
        #expect(meter.rate == nil)
        meter.read(1000, at: 1)
        #expect(meter.rate == 1000)
    }

    @Test func neverPromisesWithoutARate() {
        var meter = RateMeter()
        #expect(meter.secondsLeft(for: 10) == nil)
        meter.read(10, at: 0)
        meter.read(5, at: 1)
        #expect(meter.secondsLeft(for: 10) == nil)
    }
}
