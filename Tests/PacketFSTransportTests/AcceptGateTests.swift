import NIOCore
import NIOEmbedded
import Testing

@testable import PacketFSTransport

@Suite struct AcceptGateTests {
    /// Whoever calls faster than connections are closed waits until one is.
    @Test func acceptsNoMoreThanItsBound() throws {
        let reads = Reads()
        let listener = EmbeddedChannel(handlers: [reads, AcceptGate(bound: 3)])
        defer { _ = try? listener.finish(acceptAlreadyClosed: true) }
        let callers = (0..<3).map { _ in EmbeddedChannel() }
        for caller in callers {
            listener.read()
            listener.pipeline.fireChannelRead(caller)
        }
        #expect(reads.count == 3)
        listener.read()
        #expect(reads.count == 3)
        _ = try callers[1].finish()
        listener.embeddedEventLoop.run()
        #expect(reads.count == 4)
        #expect(try (0..<3).map { _ in try listener.readInbound(as: (any Channel).self) != nil } == [true, true, true])
        // What closes while nothing is held asks for nothing.
        _ = try callers[0].finish()
        listener.embeddedEventLoop.run()
        #expect(reads.count == 4)
    }
}
