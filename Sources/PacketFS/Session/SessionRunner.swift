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
        /// How long an end that is stopped waits for the other to hear of it.
        var stopping = Duration.seconds(2)
    }

    private let session: Session
    private let connection: any Connection
    /// Bytes that arrived with the handshake's last message.
    private let early: [UInt8]
    private let patience: Patience
    /// Told at times for how many seconds nothing came.
    private let noteSilence: @Sendable (Double) -> Void
    /// Whether the session may not go on.
    private let isRevoked: @Sendable () -> Bool
    private let writer = Signal()
    private let reader = Signal()
    private let stalled: StallWatch

    init(
        session: Session, connection: any Connection, early: [UInt8] = [], patience: Patience = Patience(),
        noteSilence: @escaping @Sendable (Double) -> Void = { _ in }, isRevoked: @escaping @Sendable () -> Bool
    ) {
        self.session = session
        self.connection = connection
        self.early = early
        self.patience = patience
        self.noteSilence = noteSilence
        self.isRevoked = isRevoked
        stalled = StallWatch(bound: patience.stall)
    }

    /// Runs to the end in order; throws whatever kept it from that. On cancellation the other end is told, and a resumable
    /// state is left.
    func run() async throws -> TransferSummary {
        let work = Task { try await runToTheEnd() }
        return try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            Task {
                await session.stop()
                writer.raise()
            }
            // The session's thread may be busy for long.
            Task {
                try? await Task.sleep(for: patience.stopping)
                work.cancel()
            }
        }
    }

    private func runToTheEnd() async throws -> TransferSummary {
        do {
            try await withThrowingTaskGroup(of: End.self) { group in
                group.addTask { try await read() }
                group.addTask { try await write() }
                group.addTask { try await watch() }
                group.addTask { try await watchSeed() }
                do {
                    try await follow(&group)
                } catch {
                    // Whoever waits for the connection is to end now: the group waits for all of them.
                    await connection.close()
                    throw error
                }
                group.cancelAll()
            }
        } catch {
            await session.abandon()
            try await session.rethrow()
            // What both ends have said stands, though the line broke in the padding behind it.
            guard await session.isOver else { throw error }
        }
        await connection.close()
        let summary = await session.summary()
        SessionMetrics.ended(summary)
        return summary
    }

    /// What came to its end.
    private enum End {
        /// All was heard, padding and all, and the other end has hung up.
        case heard
        /// All was said, and has left.
        case said
        /// All was said by both, and the other end does not hang up.
        case farewell
    }

    /// Returns once everything was said and heard.
    private func follow(_ group: inout ThrowingTaskGroup<End, any Error>) async throws {
        var hasHeard = false
        var hasSaid = false
        while !(hasHeard && hasSaid), let end = try await group.next(), end != .farewell {
            hasHeard = hasHeard || end == .heard
            hasSaid = hasSaid || end == .said
            if end == .said { group.addTask { try await hearOut() } }
        }
    }

    // What never has to wait does not notice by itself that it is cancelled.

    private func read() async throws -> End {
        if !early.isEmpty { try await take(ByteBuffer(bytes: early)) }
        while let chunk = try await connection.receive() {
            try await take(chunk)
        }
        try await session.rethrow()
        guard await session.peerHasEnded else { throw TransportError.reset }
        return .heard
    }

    private func take(_ bytes: ByteBuffer) async throws {
        var rest = bytes
        while true {
            try Task.checkCancellation()
            let intake = await session.received(rest)
            rest.moveReaderIndex(forwardBy: intake.taken)
            writer.raise()
            switch intake.next {
            case .bytes: return
            case .turn: continue
            case .output: await reader.wait()
            }
        }
    }

    private func write() async throws -> End {
        while true {
            try Task.checkCancellation()
            let bytes = await session.produce(delivery: connection.delivery())
            let isIdle = bytes.readableBytes == 0
            if !isIdle {
                try await stalled.during { try await connection.send(bytes) }
            } else if await session.hasEnded {
                try await stalled.during { try await connection.finishSending() }
                // To hang up on what the other end still says could cost it our last word.
                if await !session.hasToldWhy { try await session.rethrow() }
                return .said
            }
            reader.raise()
            if isIdle, await !session.wantsToWork { await writer.wait() }
        }
    }

    /// Waits for as long as anything comes, and a while: what pads the other end's total may take its time.
    private func hearOut() async throws -> End {
        var heard: UInt64?
        while true {
            let received = await session.wireReceived
            if received == heard, await session.isOver { return .farewell }
            heard = received
            try await Task.sleep(for: patience.farewell)
        }
    }

    private func watch() async throws -> End {
        while true {
            try await Task.sleep(for: patience.tick)
            let delivery = await connection.delivery()
            try stalled.check(taken: delivery?.bytes, now: .now)
            noteSilence(await session.tick(now: .now))
            writer.raise()
            guard await session.hasFailed else { continue }
            // Whoever takes nothing more, or does not hang up, would keep us for ever.
            try await Task.sleep(for: patience.farewell)
            try await session.rethrow()
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
