import NIOCore

/// Stops accepting while too many accepted connections are not closed yet, and for a moment where the system has nothing
/// to make one of. Whoever calls waits in the kernel's queue meanwhile.
///
/// To stand before the handler that initializes connections, in a channel that accepts one at a read.
final class AcceptGate: ChannelDuplexHandler {
    typealias InboundIn = Channel
    typealias InboundOut = Channel
    typealias OutboundIn = Never

    /// What a listener cannot do anything about.
    enum Trouble {
        /// No descriptors or memory were left for a connection. Said at most once a minute.
        case exhausted
        /// It listens no more.
        case ended(TransportError)
    }

    private static let rest = TimeAmount.milliseconds(100)
    private static let silence = TimeAmount.minutes(1)

    private let bound: Int
    private let report: (Trouble) -> Void
    private var open = 0
    private var isHeld = false
    private var mayComplain = true
    private var failure: TransportError?

    init(bound: Int, report: @escaping (Trouble) -> Void) {
        self.bound = bound
        self.report = report
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        open += 1
        let loopBound = context.loopBound
        unwrapInboundIn(data).closeFuture.hop(to: context.eventLoop).assumeIsolated().whenComplete { _ in
            self.closed(loopBound.value)
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        isHeld = open >= bound
        if !isHeld { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let failure = TransportError(error)
        self.failure = failure
        if failure == .exhausted { exhausted(context) }
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        report(.ended(failure ?? .closed))
        context.fireChannelInactive()
    }

    /// The read that failed stays asked for, and would fail again at once.
    private func exhausted(_ context: ChannelHandlerContext) {
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        after(Self.rest, context) { context in
            try? context.channel.syncOptions?.setOption(.autoRead, value: true)
        }
        guard mayComplain else { return }
        mayComplain = false
        report(.exhausted)
        after(Self.silence, context) { _ in self.mayComplain = true }
    }

    private func closed(_ context: ChannelHandlerContext) {
        open -= 1
        if isHeld { read(context: context) }
    }

    private func after(
        _ delay: TimeAmount, _ context: ChannelHandlerContext, _ body: @escaping (ChannelHandlerContext) -> Void
    ) {
        let loopBound = context.loopBound
        context.eventLoop.assumeIsolated().scheduleTask(in: delay) { body(loopBound.value) }
    }
}
