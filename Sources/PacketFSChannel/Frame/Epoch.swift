internal import PacketFSWire

/// What one epoch of a direction has carried.
struct Epoch: Sendable {
    private var frames: UInt64 = 0
    private var bytes: UInt64 = 0
    private let start: Instant

    init(start: Instant) {
        self.start = start
    }

    /// Counts a frame of `length` bytes.
    mutating func count(_ length: Int) {
        frames += 1
        bytes += UInt64(length)
    }

    /// Whether nothing more may be sealed in this epoch.
    func isFull(_ limits: ChannelLimits) -> Bool {
        frames >= limits.frames || bytes >= limits.bytes
    }

    func isOld(_ limits: ChannelLimits, at now: Instant) -> Bool {
        now.seconds(since: start) >= limits.seconds
    }
}
