import NIOCore

/// Puts what is read into a mailbox, and reads no more than it has room for. The channel must not read by itself.
final class InboundHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let mailbox: Mailbox<ByteBuffer>
    private let gate: Gate
    private var outputIsClosed = false

    init(mailbox: Mailbox<ByteBuffer>, gate: Gate) {
        self.mailbox = mailbox
        self.gate = gate
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { context.read() }
    }

    func channelActive(context: ChannelHandlerContext) {
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        // It weighs what it keeps, so that a trickle is bounded as a flood is.
        mailbox.put(bytes, weight: bytes.storageCapacity)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if mailbox.wantsMore() { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: finish()
        case ChannelEvent.outputClosed: outputIsClosed = true
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(TransportError(error))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // The end of input after that of output closes the channel without an event of its own. Any other end that
        // is not ours comes as an error first, or is a cut.
        if outputIsClosed { finish() }
        fail(.reset)
    }

    private func finish() {
        mailbox.end(.finished)
    }

    private func fail(_ failure: TransportError) {
        gate.close(failure)
        mailbox.end(.failed(failure))
    }
}
