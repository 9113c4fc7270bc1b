import PacketFSWire
import Testing

@testable import PacketFS

/// For how long a link is busy, from what waits for it.
@Suite struct LinkPaceTests {
    private func instant(_ seconds: Double) -> Instant {
        Instant(nanoseconds: UInt64(seconds * 1e9))
    }

    @Test func nothingIsKnownBeforeThereIsSomethingToTakeOrNobodyCounts() {
        var pace = LinkPace()
        pace.note(sent: 1000, queued: nil, now: instant(0))
        #expect(pace.slack == nil)
        pace.note(sent: 1000, queued: 0, now: instant(1))
        #expect(pace.slack == nil)
    }

    @Test func aLinkThatTookMegabytesAndHoldsNoneIsIdle() {
        var pace = LinkPace()
        pace.note(sent: 8 << 20, queued: 0, now: instant(1))
        #expect(pace.slack == 0)
    }

    @Test func whatWaitsTakesAsLongAsTheRateSays() throws {
        var pace = LinkPace()
        pace.note(sent: 0, queued: 0, now: instant(0))
        // 100,000 bytes a second.
        pace.note(sent: 3_000_000, queued: 2_800_000, now: instant(2))
        #expect(abs(try #require(pace.slack) - 28) < 0.001)
        pace.note(sent: 3_000_000, queued: 2_000_000, now: instant(10))
        #expect(abs(try #require(pace.slack) - 20) < 0.001)
        // Idle again, then ten times as fast: only what came since counts.
        pace.note(sent: 8_000_000, queued: 0, now: instant(100))
        pace.note(sent: 10_000_000, queued: 1_000_000, now: instant(101))
        #expect(abs(try #require(pace.slack) - 1) < 0.001)
    }

    @Test func aLinkThatTookNothingYetHasTimeForEverything() throws {
        var pace = LinkPace()
        pace.note(sent: 0, queued: 0, now: instant(0))
        pace.note(sent: 1 << 20, queued: 1 << 20, now: instant(1))
        #expect(try #require(pace.slack) > 1000)
    }
}
