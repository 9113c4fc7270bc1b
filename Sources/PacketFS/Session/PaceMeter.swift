import PacketFSPlan
import PacketFSTransport

/// Measures how fast a link takes what it is given. Only the time counts in which it has any: a sender that is slow
/// itself must not take the link for slow.
struct PaceMeter {
    /// What a rate is measured over at least: so many seconds, or so many bytes.
    private static let leastSeconds = 0.01
    private static let leastBytes: UInt64 = 1 << 20
    /// Bytes from which on a rate is no longer that of a connection that begins slowly.
    private static let settled: UInt64 = 1 << 20

    /// The kernel counts time by ticks: what took less than one took this long.
    private static let tick = 0.001

    /// Where a byte and its acknowledgement take less than so many seconds, the handshake and a short while tell nothing of the
    /// link: the other end took its time, or was in no hurry to acknowledge. This long a while does.
    private static let (near, nearSeconds) = (0.002, 0.1)

    private var last = Delivery(bytes: 0, busySeconds: 0)
    /// What was carried lately: the older, the less it counts.
    private var bytes = 0.0
    private var seconds = 0.0
    /// `nil` as long as that is not known.
    private(set) var pace: Pace?

    private let guess: Double?

    /// - Parameter guess: bytes per second that count until more is known.
    init(guess: Double? = nil) {
        self.guess = guess
    }

    /// - Parameter sent: bytes given to the link in all.
    mutating func note(sent: UInt64, _ delivery: Delivery) {
        let passed = delivery.busySeconds - last.busySeconds
        let carried = delivery.bytes - min(delivery.bytes, last.bytes)
        let isNear = delivery.roundTrip ?? .infinity < Self.near
        var rate = pace?.rate ?? (isNear ? nil : guess)
        if passed >= (isNear ? Self.nearSeconds : Self.leastSeconds) || carried >= Self.leastBytes {
            bytes = bytes / 2 + Double(carried)
            seconds = seconds / 2 + passed
            rate = max(bytes, 1) / max(seconds, Self.tick)
            last = delivery
        }
        guard let rate else { return }
        let left = Double(sent - min(sent, delivery.bytes))
        pace = Pace(rate: rate, slack: left / rate, isSettled: delivery.bytes >= Self.settled)
    }
}
