import NIOCore

/// Stops accepting while too many accepted connections are not closed yet. What accepts runs ahead of what refuses and
/// closes, which is on other event loops; whoever calls waits in the kernel's queue meanwhile.
///
/// To stand before the handler that initializes connections. One read of the listening channel may come on top of the bound.
final class AcceptGate: ChannelDuplexHandler {
    typealias InboundIn = Channel
    typealias InboundOut = Channel
    typealias OutboundIn = Never

    private let bound: Int
    private var open = 0
    private var isHeld = false

    init(bound: Int) {
        self.bound = bound
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

    private func closed(_ context: ChannelHandlerContext) {
        open -= 1
        if isHeld { read(context: context) }
    }
}
