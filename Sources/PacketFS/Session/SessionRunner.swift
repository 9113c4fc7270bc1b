import NIOCore
import PacketFSTransport
import PacketFSWire

/// Moves a session's bytes over a connection until both directions have ended.
struct SessionRunner {
    /// Time between looks at the clock.
    private static let tick = Duration.seconds(1)
    /// Seconds in which the connection must take what we send.
    private static let stall = 180.0

    let session: Session
    let connection: any Connection
    /// Bytes that arrived with the handshake's last message.
    let early: [UInt8]
    private let writer = Signal()
    private let reader = Signal()
    private let stalled = StallWatch(bound: stall)
    /// How long a connection may stay open when both ends have said all.
    private let farewell: Duration

    /// Whether the session may not go on.
    private let isRevoked: @Sendable () -> Bool

    init(
        session: Session, connection: any Connection, early: [UInt8] = [], farewell: Duration = .seconds(10),
        isRevoked: @escaping @Sendable () -> Bool
    ) {
        self.session = session
        self.connection = connection
        self.early = early
        self.farewell = farewell
        self.isRevoked = isRevoked
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
                stalled.begin()
                try await connection.send(bytes)
                stalled.end()
                reader.raise()
            } else if await session.hasEnded {
                try await connection.finishSending()
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
            try await Task.sleep(for: Self.tick)
            try stalled.check()
            await session.tick()
            writer.raise()
            guard await session.isOver else { continue }
            let since = over ?? .now
            over = since
            if .now - since > farewell { return .farewell }
        }
    }

    /// Beside the session's thread, which may be busy for long.
    private func watchSeed() async throws -> End {
        while true {
            try await Task.sleep(for: Self.tick)
            guard !isRevoked() else { throw PacketFSError(.refused, "the seed was revoked") }
        }
    }
}
