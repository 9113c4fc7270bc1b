import NIOCore

/// Puts what is read into a mailbox, and reads no more than it has room for. The channel must not read by itself.
final class InboundHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let mailbox: Mailbox<[UInt8]>
    private let gate: Gate
    private var outputIsClosed = false
    /// What one round of reads brought: a taker is woken once for all of it.
    private var round: [UInt8] = []

    init(mailbox: Mailbox<[UInt8]>, gate: Gate) {
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
        // Copied here, while it is in the cache; the channel can then use its buffer again.
        unwrapInboundIn(data).withUnsafeReadableBytes { round.append(contentsOf: $0.bindMemory(to: UInt8.self)) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        deliver()
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
        deliver()
        mailbox.end(.finished)
    }

    private func deliver() {
        guard !round.isEmpty else { return }
        var taken: [UInt8] = []
        taken.reserveCapacity(round.count)
        swap(&taken, &round)
        mailbox.put(taken, weight: taken.count)
    }

    private func fail(_ failure: TransportError) {
        deliver()
        gate.close(failure)
        mailbox.end(.failed(failure))
    }
}
