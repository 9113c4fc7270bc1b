package import NIOCore
import PacketFSChannel
import PacketFSEngine
package import PacketFSTransport
package import PacketFSWire

/// One session after its handshake, without threads, sockets or a clock: the link, the side that works on it, and what
/// they come to. What drives it says what time it is.
package final class SessionCore {
    /// Makes the side of a responder from the initiator's first message.
    typealias Dispatch = @Sendable (ControlMessage, SessionIntegrity) throws -> any TransferSide
    /// Seconds between reports of progress.
    private static let reportInterval = 0.1

    private let link: SealedLink
    private let integrity: SessionIntegrity
    private let dispatch: Dispatch?
    /// To be done before the peer's first message is looked at: it has proved that it holds the seed.
    private var proved: (() throws -> Void)?
    private let report: @Sendable (TransferEvent) -> Void
    private let started: Instant
    private let covering: Covering
    /// Ours, until the peer said its own, and what is begun then.
    private var proposal: (cover: CoverProposal, side: Sides.Maker)?
    /// An initiator's, until its first word is out.
    private var beginning: Sides.Maker?
    private var side: (any TransferSide)?
    private var lastReport = Instant(nanoseconds: 0)
    private var failure: (any Error)?
    /// Whether the peer was told of the failure.
    private(set) var hasToldWhy = false

    init(
        opened: consuming OpenedChannel, covering: Covering, proved: (() throws -> Void)? = nil,
        dispatch: Dispatch? = nil, now: Instant, report: @escaping @Sendable (TransferEvent) -> Void
    ) throws {
        started = opened.started
        (integrity, link) = try opened.takeLink(now: now)
        self.covering = covering
        self.proved = proved
        self.dispatch = dispatch
        self.report = report
    }

    /// An initiator's first word. It proves at once who calls: the side may take its time to begin.
    func start(now: Instant, _ make: @escaping Sides.Maker) throws {
        if let cover = try covering.propose(in: integrity) {
            proposal = (cover, make)
            attempt(now) { try link.send(.cover(cover.hello), now: now) }
        } else {
            beginning = make
            attempt(now) { try link.send(.alive, now: now) }
        }
    }

    private func begin(_ make: Sides.Maker, _ now: Instant) throws {
        let side = try make(integrity)
        self.side = side
        try side.start(link, now: now)
    }

    /// Nothing but this is said before both ends agree on what covers the rest.
    private func agree(_ hello: CoverHello, _ now: Instant) throws {
        guard side == nil, link.cover == nil else { throw EngineError.unexpectedMessage }
        if let proposal {
            self.proposal = nil
            link.install(try proposal.cover.accept(hello))
            return try begin(proposal.side, now)
        }
        guard dispatch != nil else { throw EngineError.unexpectedMessage }
        let answer = try covering.answer(hello, in: integrity)
        let cover = try answer.accept(hello)
        try link.send(.cover(answer.hello), now: now)
        link.install(cover)
    }

    /// Acts upon bytes of the peer, for as long as not too much output waits because of them: it gets no more work out of
    /// us than it takes the results of. What is left is to come again.
    ///
    /// - Parameter isEnough: asked before each message: whether others are to have a turn.
    package func received(_ bytes: RawSpan, now: Instant, isEnough: () -> Bool = { false }) -> Intake {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes
            attempt(now) {
                try link.receive(&rest, now: now, while: { !isBusy && !isEnough() }, { try handle($0, now) })
            }
            guard failure == nil else { return Intake(taken: bytes.count, next: .bytes) }
            let next: Intake.Next = !link.isBehind ? .bytes : link.hasRoom && !isBusy ? .turn : .output
            return Intake(taken: bytes.count - rest.count, next: next)
        }
    }

    /// Whether what the peer said last is still being done.
    private var isBusy: Bool { side?.isBusy == true }

    /// The next bytes for the peer, planning at most one leaf; empty when there is nothing to do until more arrives.
    ///
    /// - Parameter delivery: what the link took so far of the bytes produced before; `nil` if that is not known.
    package func produce(now: Instant, delivery: Delivery? = nil) -> ByteBuffer {
        if let delivery { link.note(delivery) }
        attempt(now) {
            if let make = beginning, link.backlog == 0 {
                beginning = nil
                try begin(make, now)
            }
            if let side, side.wantsToWork, link.backlog < SealedLink.room { try side.work(link, now: now) }
            if let side, side.isOver, !link.hasEnded { try link.end(now: now) }
        }
        reportProgress(now)
        return link.takeOutput()
    }

    package var wantsToWork: Bool { failure == nil && (beginning != nil || side?.wantsToWork == true) }
    /// Our direction is at its end, in order or not, and its last word was taken: nothing more will be produced.
    package var hasEnded: Bool { (link.hasEnded || failure != nil) && link.backlog == 0 }
    package var peerHasEnded: Bool { link.peerHasEnded }
    var hasFailed: Bool { failure != nil }
    /// Both ends have said all: nothing but padding is left.
    var isOver: Bool { failure == nil && link.hasSaidAll && link.peerHasEnded }
    var wireReceived: UInt64 { link.wireReceived }

    /// Says that we are alive, or finds that the peer is not.
    package func tick(now: Instant) {
        attempt(now) {
            try link.tick(now: now, speaks: proved == nil)
            try side?.check()
        }
    }

    /// Seconds since the peer was heard.
    func silence(now: Instant) -> Double { link.silence(now: now) }

    /// Throws what ended the session before its time.
    package func rethrow() throws {
        if let failure { throw failure }
    }

    /// This end is to stop: unless all is said, a resumable state stays, and a peer that has proved who it is is told.
    package func stop(now: Instant) {
        guard !isOver else { return }
        let reason: any Error = proved == nil ? CancellationError() : PacketFSChannel.ChannelError.closed
        attempt(now) { throw reason }
    }

    /// The session is lost: a resumable state stays.
    package func abandon() {
        side?.abandon(link)
        link.cover?.close()
    }

    package func summary(now: Instant) -> TransferSummary {
        var summary = side?.summary ?? TransferSummary()
        summary.wireSent = link.wireSent
        summary.wireBytes = link.wireSent + link.wireReceived
        summary.dataPlaneBytes = link.dataPlaneBytes
        if let cover = link.cover { (summary.protection, summary.pad) = (cover.kind, cover.use) }
        summary.totalSeconds = now.seconds(since: started)
        return summary
    }

    private func handle(_ inbound: Inbound, _ now: Instant) throws {
        try proved?()
        proved = nil
        if case .control(.cover(let hello)) = inbound { return try agree(hello, now) }
        if let side { return try side.received(inbound, link, now: now) }
        guard case .control(let message) = inbound else { throw EngineError.unexpectedMessage }
        if message == .alive { return }
        if case .abort(let reason) = message { throw EngineError.peerAborted(reason) }
        guard let dispatch else { throw EngineError.unexpectedMessage }
        let side = try dispatch(message, integrity)
        self.side = side
        // A request is the dispatcher's; an offer is the side's.
        if case .request = message {
            try side.start(link, now: now)
        } else {
            try side.received(inbound, link, now: now)
        }
    }

    /// The first failure is the session's: the peer is told in general terms, unless it is the channel itself that
    /// failed.
    private func attempt(_ now: Instant, _ body: () throws -> Void) {
        guard failure == nil else { return }
        do {
            try body()
        } catch {
            failure = error
            if let side, AbortReason.isRefusal(error, isAccepted: side.isAccepted) { side.forget() }
            side?.abandon(link)
            link.cover?.close()
            if error is PacketFSChannel.ChannelError { link.close() }
            if let reason = AbortReason(tellingOf: error), !link.hasSaidAll {
                hasToldWhy = (try? link.send(.abort(reason), now: now)) != nil
            }
        }
    }

    private func reportProgress(_ now: Instant) {
        guard let side else { return }
        for warning in side.takeWarnings() { report(.warning(warning)) }
        guard now.seconds(since: lastReport) >= Self.reportInterval else { return }
        lastReport = now
        var progress = side.progress
        progress.wireSent = link.wireSent
        progress.wireReceived = link.wireReceived
        report(.progress(progress))
    }
}
