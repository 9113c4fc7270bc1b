import NIOCore
import PacketFSTransport
import PacketFSWire

/// Moves a session's bytes over a connection until both directions have ended.
struct SessionRunner {
    /// Bytes of unsent output above which nothing more is read from the peer: it gets no more work out of us than it
    /// takes the results of.
    private static let backlog = 16 << 20
    /// Seconds between looks at the clock.
    private static let tick = 1.0
    /// Seconds in which the connection must take what we send.
    private static let stall = 180.0

    let session: Session
    let connection: any Connection
    /// Bytes that arrived with the handshake's last message.
    let early: [UInt8]
    private let writer = Signal()
    private let reader = Signal()
    private let stalled = StallWatch(bound: stall)

    /// Whether the session may not go on.
    private let isRevoked: @Sendable () -> Bool

    init(
        session: Session, connection: any Connection, early: [UInt8] = [], isRevoked: @escaping @Sendable () -> Bool
    ) {
        self.session = session
        self.connection = connection
        self.early = early
        self.isRevoked = isRevoked
    }

    /// Runs to the end in order; throws whatever kept it from that. On cancellation a resumable state is left.
    func run() async throws -> TransferSummary {
        do {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask { try await read() }
                group.addTask { try await write() }
                group.addTask { try await watch() }
                var directions = 0
                while directions < 2, let isDirection = try await group.next() {
                    if isDirection { directions += 1 }
                }
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

    private func read() async throws -> Bool {
        if !early.isEmpty { try await take(ByteBuffer(bytes: early)) }
        while let chunk = try await connection.receive() {
            try await take(chunk)
        }
        try await session.rethrow()
        guard await session.peerHasEnded else { throw TransportError.reset }
        return true
    }

    private func take(_ bytes: ByteBuffer) async throws {
        let backlog = await session.received(bytes)
        writer.raise()
        guard backlog > Self.backlog else { return }
        await reader.wait()
    }

    private func write() async throws -> Bool {
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
                return true
            } else if await !session.wantsToWork {
                await writer.wait()
                try Task.checkCancellation()
            }
        }
    }

    private func watch() async throws -> Bool {
        while !Task.isCancelled {
            try await Task.sleep(for: .seconds(Self.tick))
            try stalled.check()
            guard !isRevoked() else { throw PacketFSError(.refused, "the seed was revoked") }
            await session.tick()
            writer.raise()
        }
        return false
    }
}
