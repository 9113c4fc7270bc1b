import PacketFSTransport
import PacketFSWire
import Synchronization

/// Wakes one waiting task; raised while nobody waits, it is remembered once.
struct Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func raise() {
        continuation.yield()
    }

    /// Returns when raised, or when the task is cancelled.
    func wait() async {
        var iterator = stream.makeAsyncIterator()
        _ = await iterator.next()
    }
}

/// Notices a connection that takes nothing.
final class StallWatch: Sendable {
    private let bound: Double
    private let since = Mutex<Instant?>(nil)

    /// - Parameter bound: seconds that one piece of output may take.
    init(bound: Double) {
        self.bound = bound
    }

    func begin() { since.withLock { $0 = .now } }
    func end() { since.withLock { $0 = nil } }

    func check() throws {
        guard let since = since.withLock(\.self) else { return }
        guard Instant.now.seconds(since: since) < bound else { throw TransportError.timedOut }
    }
}
