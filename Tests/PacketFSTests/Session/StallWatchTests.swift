import PacketFSTestKit
import PacketFSTransport
import PacketFSWire
import Testing

@testable import PacketFS

@Suite struct StallWatchTests {
    private let watch = StallWatch(bound: 180)

    /// At 20 KiB/s the queue of a connection needs ten minutes to have room again.
    @Test func aSlowConnectionIsNotADeadOne() async throws {
        var clock = VirtualClock()
        try await watch.during(from: clock.now) {
            for second in 0..<UInt64(3600) {
                clock.advance(seconds: 1)
                try watch.check(taken: second / 170 * 4096, now: clock.now)
            }
        }
    }

    @Test(arguments: [4096, nil] as [UInt64?]) func whatTakesNothingIsDead(taken: UInt64?) async throws {
        var clock = VirtualClock()
        try await watch.during(from: clock.now) {
            try watch.check(taken: taken, now: clock.now)
            clock.advance(seconds: 179)
            try watch.check(taken: taken, now: clock.now)
            clock.advance(seconds: 1)
            #expect(throws: TransportError.timedOut) { try watch.check(taken: taken, now: clock.now) }
        }
    }

    @Test func whereNothingWaitsNothingIsMissed() async throws {
        var clock = VirtualClock()
        await watch.during(from: clock.now) {}
        clock.advance(seconds: 10_000)
        try watch.check(taken: 0, now: clock.now)
        try await watch.during(from: clock.now) { try watch.check(taken: 0, now: clock.now) }
    }
}
