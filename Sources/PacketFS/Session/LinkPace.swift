import PacketFSWire

/// How fast a link takes what it is given, from what still waits for it.
struct LinkPace {
    /// Seconds that a rate is measured over at least.
    private static let least = 0.01
    /// Bytes that a system may take at once however slow the link: below, that nothing waits tells nothing.
    private static let telling: UInt64 = 4 << 20

    /// When nothing waited last, and what had been given until then.
    private var idle: (time: Instant, sent: UInt64)?
    /// Seconds for which the link is busy with what it was given, at the rate it had since it was last idle; `nil` if
    /// that is not known.
    private(set) var slack: Double?

    /// - Parameters:
    ///   - sent: bytes given to the link in all.
    ///   - queued: those of them that still wait; `nil` if nobody knows.
    mutating func note(sent: UInt64, queued: Int?, now: Instant) {
        guard let queued else { return }
        guard queued > 0, let idle else {
            idle = (now, sent)
            slack = sent < Self.telling ? nil : 0
            return
        }
        let seconds = now.seconds(since: idle.time)
        guard seconds >= Self.least else { return }
        let left = Double(sent - idle.sent) - Double(queued)
        slack = Double(queued) * seconds / max(left, 1)
    }
}
