package import PacketFSWire

/// Keeps a session known to be alive, and notices when it is not (DESIGN §5, `Specs/frames.md` §8).
package struct Liveness: Sendable {
    /// Seconds without an authentic frame after which a session is given up.
    package static let silence = 180.0
    /// Seconds without a frame of ours after which we say that we are alive.
    package static let interval = 30.0

    private var lastHeard: Instant
    private var lastSaid: Instant

    package init(now: Instant) {
        lastHeard = now
        lastSaid = now
    }

    package mutating func heard(now: Instant) {
        lastHeard = max(lastHeard, now)
    }

    package mutating func said(now: Instant) {
        lastSaid = max(lastSaid, now)
    }

    /// Whether an `alive` is due; throws `silent` when the peer has been quiet for too long.
    package func tick(now: Instant) throws(EngineError) -> Bool {
        guard now.seconds(since: lastHeard) < Self.silence else { throw .silent }
        return now.seconds(since: lastSaid) >= Self.interval
    }
}
