import NIOCore
import PacketFSTransport
import PacketFSWire

/// Moves a session's bytes over a connection until both directions have ended.
struct SessionRunner {
    /// How long things may take.
    struct Patience: Sendable {
        /// Time between looks at the clock.
        var tick = Duration.seconds(1)
        /// Seconds in which the connection must take something of what waits.
        var stall = 180.0
        /// How long an end that has nothing to wait for any more waits for the other.
        var farewell = Duration.seconds(10)
    }

    private let session: Session
    private let connection: any Connection
    /// Bytes that arrived with the handshake's last message.
    private let early: [UInt8]
    private let patience: Patience
    /// Whether the session may not go on.
    private let isRevoked: @Sendable () -> Bool
    private let writer = Signal()
    private let reader = Signal()
    private let stalled: StallWatch

    init(
        session: Session, connection: any Connection, early: [UInt8] = [], patience: Patience = Patience(),
        isRevoked: @escaping @Sendable () -> Bool
    ) {
        self.session = session
        self.connection = connection
        self.early = early
        self.patience = patience
        self.isRevoked = isRevoked
        stalled = StallWatch(bound: patience.stall)
    }

    /// Runs to the end in order; throws whatever kept it from that. On cancellation a resumable state is left.
    func run() async throws -> TransferSummary {
        do {
            try await withThrowingTaskGroup(of: End.self) { group in
                group.addTask { try await read() }
                group.addTask { try await write() }
                group.addTask { try await watch() }
                group.addTask { try await watchSeed() }
                var directions = 0
                while directions < 2, let end = try await group.next(), end != .farewell { directions += 1 }
                group.cancelAll()
            }
        } catch {
            await connection.close()
            await session.abandon()
            try await session.rethrow()
            throw error
        }
        await connection.close()
        let summary = await session.summary()
        SessionMetrics.ended(summary)
        return summary
    }

    /// What came to its end.
    private enum End {
        case direction
        /// All was said, and the other end does not hang up.
        case farewell
    }

    private func read() async throws -> End {
        if !early.isEmpty { try await take(ByteBuffer(bytes: early)) }
        while let chunk = try await connection.receive() {
            try await take(chunk)
        }
        try await session.rethrow()
        guard await session.peerHasEnded else { throw TransportError.reset }
        return .direction
    }

    private func take(_ bytes: ByteBuffer) async throws {
        var rest = bytes
        while rest.readableBytes > 0 {
            rest.moveReaderIndex(forwardBy: await session.received(rest))
            writer.raise()
            guard rest.readableBytes > 0 else { return }
            await reader.wait()
            try Task.checkCancellation()
        }
    }

    private func write() async throws -> End {
        while true {
            let bytes = await session.produce(delivery: connection.delivery())
            if bytes.readableBytes > 0 {
                try await stalled.during { try await connection.send(bytes) }
                reader.raise()
            } else if await session.hasEnded {
                try await stalled.during { try await connection.finishSending() }
                try await session.rethrow()
                return .direction
            } else if await !session.wantsToWork {
                await writer.wait()
                try Task.checkCancellation()
            }
        }
    }

    private func watch() async throws -> End {
        var over: ContinuousClock.Instant?
        while true {
            try await Task.sleep(for: patience.tick)
            let delivery = await connection.delivery()
            try stalled.check(taken: delivery?.bytes, now: .now)
            await session.tick()
            writer.raise()
            if await session.hasFailed {
                // Our last word need not arrive: whoever takes nothing more would keep us for ever.
                try await Task.sleep(for: patience.farewell)
                try await session.rethrow()
            }
            guard await session.isOver else { continue }
            let since = over ?? .now
            over = since
            if .now - since > patience.farewell { return .farewell }
        }
    }

    /// Beside the session's thread, which may be busy for long.
    private func watchSeed() async throws -> End {
        while true {
            try await Task.sleep(for: patience.tick)
            guard !isRevoked() else { throw PacketFSError(.refused, "the seed was revoked") }
        }
    }
}
