import NIOCore
import NIOEmbedded
import Testing

@testable import PacketFSTransport

@Suite struct InboundHandlerTests {
    /// A byte keeps all the memory that was made ready for a read.
    @Test(arguments: [1, 1 << 20])
    func whatComesWeighsTheMemoryThatItKeeps(_ bytes: Int) throws {
        let mailbox = Mailbox<ByteBuffer>(capacity: TCPBounds.inbox)
        let (reads, gate) = (Reads(), Gate(low: 1, high: 2))
        let channel = EmbeddedChannel(handlers: [reads, InboundHandler(mailbox: mailbox, gate: gate)])
        channel.pipeline.fireChannelActive()
        for _ in 0..<100 {
            var buffer = channel.allocator.buffer(capacity: TCPBounds.mostRead)
            buffer.writeRepeatingByte(7, count: bytes)
            channel.pipeline.fireChannelRead(buffer)
            channel.pipeline.fireChannelReadComplete()
        }
        #expect(reads.count == TCPBounds.inbox / TCPBounds.mostRead)
        #expect(mailbox.close(.finished).count == 100)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }
}
