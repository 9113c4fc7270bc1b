import PacketFSPlan
import PacketFSTransport
import Testing

@testable import PacketFS

/// How fast a link is, from what it took and for how long it was busy.
@Suite struct PaceMeterTests {
    private static let megabyte: UInt64 = 1_000_000

    @Test func nothingIsKnownBeforeThereWasSomethingToTake() {
        var meter = PaceMeter()
        meter.note(sent: 1000, Delivery(bytes: 0, busySeconds: 0))
        #expect(meter.pace == nil)
        meter.note(sent: 1000, Delivery(bytes: 1000, busySeconds: 0.001))
        #expect(meter.pace == nil)
    }

    @Test func aGuessHoldsUntilSomethingIsKnown() {
        var meter = PaceMeter(guess: 1000)
        meter.note(sent: 2000, Delivery(bytes: 0, busySeconds: 0))
        #expect(meter.pace == Pace(rate: 1000, slack: 2, isSettled: false))
        meter.note(sent: 2000, Delivery(bytes: 1000, busySeconds: 0.1))
        #expect(meter.pace == Pace(rate: 10_000, slack: 0.1, isSettled: false))
    }

    /// The ends of so short a way took their time themselves.
    @Test func nothingIsGuessedOfALinkThatAnswersAtOnce() {
        var meter = PaceMeter(guess: 1000)
        meter.note(sent: 2000, Delivery(bytes: 0, busySeconds: 0, roundTrip: 0.0019))
        #expect(meter.pace == nil)
        meter.note(sent: 2000, Delivery(bytes: 1000, busySeconds: 0.09, roundTrip: 0.0019))
        #expect(meter.pace == nil)
        meter.note(sent: 2000, Delivery(bytes: 1000, busySeconds: 0.1, roundTrip: 0.0019))
        #expect(meter.pace == Pace(rate: 10_000, slack: 0.1, isSettled: false))
        var other = PaceMeter(guess: 1000)
        other.note(sent: 2000, Delivery(bytes: 0, busySeconds: 0, roundTrip: 0.002))
        #expect(other.pace == Pace(rate: 1000, slack: 2, isSettled: false))
    }

    @Test func whatIsLeftTakesAsLongAsTheRateSays() throws {
        var meter = PaceMeter()
        meter.note(sent: 5 * Self.megabyte, Delivery(bytes: 2 * Self.megabyte, busySeconds: 2))
        #expect(meter.pace == Pace(rate: 1e6, slack: 3))
        meter.note(sent: 5 * Self.megabyte, Delivery(bytes: 5 * Self.megabyte, busySeconds: 5))
        #expect(meter.pace == Pace(rate: 1e6, slack: 0))
    }

    /// However long the sender took to find something to send.
    @Test func aSlowSenderDoesNotMakeTheLinkSlow() throws {
        var meter = PaceMeter()
        for number in 1...100 as ClosedRange<UInt64> {
            meter.note(
                sent: (number + 1) * Self.megabyte,
                Delivery(bytes: number * Self.megabyte, busySeconds: Double(number) * 0.001))
        }
        let pace = try #require(meter.pace)
        #expect(abs(pace.rate - 1e9) < 1e6 && pace.slack < 0.002)
    }

    @Test func theRateFollowsTheLink() throws {
        var meter = PaceMeter()
        meter.note(sent: 100 * Self.megabyte, Delivery(bytes: 10 * Self.megabyte, busySeconds: 1))
        for number in 1...20 as ClosedRange<UInt64> {
            meter.note(
                sent: 100 * Self.megabyte,
                Delivery(bytes: 10 * Self.megabyte + number * 100_000, busySeconds: 1 + Double(number)))
        }
        #expect(abs(try #require(meter.pace).rate - 100_000) < 1000)
    }

    @Test func aLinkThatTookNothingYetHasTimeForMuchButIsNotKnownWell() throws {
        var meter = PaceMeter()
        meter.note(sent: 1 << 20, Delivery(bytes: 0, busySeconds: 1))
        let pace = try #require(meter.pace)
        #expect(pace.slack > 1000 && !pace.isSettled)
    }
}
