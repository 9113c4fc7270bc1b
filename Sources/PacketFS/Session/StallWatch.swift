import PacketFSTransport
import PacketFSWire
import Synchronization

/// Notices a connection that takes nothing. One that takes a little is only slow.
final class StallWatch: Sendable {
    private struct Wait {
        var since: Instant
        var taken: UInt64?
    }

    private let bound: Double
    private let wait = Mutex<Wait?>(nil)

    /// - Parameter bound: seconds in which something must be taken of what waits.
    init(bound: Double) {
        self.bound = bound
    }

    /// Runs `body`, which waits until the connection has taken what it was given.
    func during(from now: Instant = .now, _ body: () async throws -> Void) async rethrows {
        wait.withLock { $0 = Wait(since: now) }
        defer { wait.withLock { $0 = nil } }
        try await body()
    }

    /// To be called now and then.
    ///
    /// - Parameter taken: bytes that the other end's system took so far; `nil` if that is not known.
    func check(taken: UInt64?, now: Instant) throws {
        try wait.withLock { wait in
            guard let waiting = wait else { return }
            guard waiting.taken == taken else { return wait = Wait(since: now, taken: taken) }
            guard now.seconds(since: waiting.since) < bound else { throw TransportError.timedOut }
        }
    }
}
