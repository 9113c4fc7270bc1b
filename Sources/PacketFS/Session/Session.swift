import PacketFSChannel
import PacketFSEngine
import PacketFSTransport
import PacketFSWire

/// One session after its handshake: the link, the side that works on it, and what they come to. It reads and writes
/// files, so it runs on a thread of its own.
actor Session {
    /// Makes the side of a responder from the initiator's first message.
    typealias Dispatch = @Sendable (ControlMessage, SessionIntegrity) throws -> any TransferSide
    /// Seconds between reports of progress.
    private static let reportInterval = 0.1

    private let executor: SessionExecutor
    private let link: SealedLink
    private let integrity: SessionIntegrity
    private let dispatch: Dispatch?
    private let report: @Sendable (TransferEvent) -> Void
    private let started: Instant
    private var side: (any TransferSide)?
    private var lastReport = Instant(nanoseconds: 0)
    private var failure: (any Error)?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(
        opened: consuming OpenedChannel, dispatch: Dispatch? = nil,
        report: @escaping @Sendable (TransferEvent) -> Void
    ) throws {
        executor = SessionExecutor(label: "packetfs.session")
        started = opened.started
        (integrity, link) = try opened.takeLink()
        self.dispatch = dispatch
        self.report = report
    }

    /// An initiator's first word.
    func start(_ make: @Sendable (SessionIntegrity) throws -> any TransferSide) throws {
        let side = try make(integrity)
        self.side = side
        try attempt { try side.start(link, now: .now) }
    }

    /// Takes bytes of the peer. Returns the bytes of output that wait because of them.
    func received(_ bytes: [UInt8]) throws -> Int {
        try attempt {
            try link.receive(bytes, now: .now) { try handle($0) }
        }
        return link.backlog
    }

    /// The next bytes for the peer, planning at most one leaf; empty when there is nothing to do until more arrives.
    func produce() throws -> [UInt8] {
        try attempt {
            if let side, side.wantsToWork, link.backlog < SealedLink.room { try side.work(link, now: .now) }
            if let side, side.isOver, !link.hasEnded { try link.end(now: .now) }
        }
        reportProgress()
        return link.takeOutput()
    }

    var wantsToWork: Bool { failure == nil && side?.wantsToWork == true }
    /// Our direction is at its end, in order or not: nothing more will be produced.
    var hasEnded: Bool { link.hasEnded || failure != nil }
    var peerHasEnded: Bool { link.peerHasEnded }

    /// Says that we are alive, or finds that the peer is not.
    func tick() throws {
        try attempt { try link.tick(now: .now) }
    }

    /// Throws what ended the session before its time.
    func rethrow() throws {
        if let failure { throw failure }
    }

    func abandon() {
        side?.abandon()
    }

    func summary() -> TransferSummary {
        var summary = side?.summary ?? TransferSummary()
        summary.wireSent = link.wireSent
        summary.wireBytes = link.wireSent + link.wireReceived
        summary.dataPlaneBytes = link.dataPlaneBytes
        summary.totalSeconds = Instant.now.seconds(since: started)
        return summary
    }

    private func handle(_ inbound: Inbound) throws {
        if let side { return try side.received(inbound, link, now: .now) }
        guard let dispatch, case .control(let message) = inbound else { throw EngineError.unexpectedMessage }
        if message == .alive { return }
        let side = try dispatch(message, integrity)
        self.side = side
        // A request is the dispatcher's; an offer is the side's.
        if case .request = message {
            try side.start(link, now: .now)
        } else {
            try side.received(inbound, link, now: .now)
        }
    }

    /// The first failure is the session's: the peer is told in general terms, unless it is the channel itself that
    /// failed.
    private func attempt(_ body: () throws -> Void) throws {
        guard failure == nil else { return }
        do {
            try body()
        } catch {
            failure = error
            side?.abandon()
            if let reason = AbortReason(tellingOf: error), !link.hasEnded {
                try? link.send(.abort(reason), now: .now)
            }
        }
    }

    private func reportProgress() {
        guard let side else { return }
        for warning in side.takeWarnings() { report(.warning(warning)) }
        let now = Instant.now
        guard now.seconds(since: lastReport) >= Self.reportInterval else { return }
        lastReport = now
        var progress = side.progress
        progress.wireSent = link.wireSent
        progress.wireReceived = link.wireReceived
        report(.progress(progress))
    }
}
