import NIOCore
import PacketFSChannel
import PacketFSTransport
import PacketFSWire

/// A session on a thread of its own, since it reads and writes files.
actor Session {
    /// Seconds in which messages of the peer are acted upon before others have a turn: who looks at the clock, who plans.
    private static let turn = 0.1

    private let executor: SessionExecutor
    private let core: SessionCore

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(
        opened: consuming OpenedChannel, covering: Covering, lane: PeerLane? = nil,
        proved: (@Sendable () throws -> Void)? = nil, dispatch: SessionCore.Dispatch? = nil,
        report: @escaping @Sendable (TransferEvent) -> Void
    ) throws {
        executor = SessionExecutor(label: "packetfs.session", lane: lane)
        core = try SessionCore(
            opened: opened, covering: covering, proved: proved, dispatch: dispatch, now: .now, report: report)
    }

    func start(_ make: @escaping Sides.Maker) throws {
        try core.start(now: .now, make)
    }

    /// What takes longer goes on in another turn.
    func received(_ bytes: ByteBuffer) -> Intake {
        let start = Instant.now
        return core.received(bytes.readableBytesSpan, now: start) { Instant.now.seconds(since: start) >= Self.turn }
    }

    func produce(delivery: Delivery?) -> ByteBuffer { core.produce(now: .now, delivery: delivery) }
    /// Returns for how many seconds the peer has been silent.
    ///
    /// - Parameter now: when it was called. What arrived while it waited for its turn has to be opened first.
    func tick(now: Instant) -> Double {
        core.tick(now: now)
        return core.silence(now: now)
    }
    func stop() { core.stop(now: .now) }
    func rethrow() throws { try core.rethrow() }
    func abandon() { core.abandon() }
    func summary() -> TransferSummary { core.summary(now: .now) }

    var wantsToWork: Bool { core.wantsToWork }
    var hasFailed: Bool { core.hasFailed }
    var hasToldWhy: Bool { core.hasToldWhy }
    var hasEnded: Bool { core.hasEnded }
    var peerHasEnded: Bool { core.peerHasEnded }
    var isOver: Bool { core.isOver }
    var wireReceived: UInt64 { core.wireReceived }
}
