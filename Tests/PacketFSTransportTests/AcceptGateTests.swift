import Glibc
import NIOCore
import NIOEmbedded
import Testing

@testable import PacketFSTransport

@Suite struct AcceptGateTests {
    /// Whoever calls faster than connections are closed waits until one is.
    @Test func acceptsNoMoreThanItsBound() throws {
        let reads = Reads()
        let listener = EmbeddedChannel(handlers: [reads, AcceptGate(bound: 3) { _ in }])
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

    @Test func thatNoDescriptorsAreLeftIsToldOnceAMinute() throws {
        let told = Told()
        let listener = EmbeddedChannel(handlers: [AcceptGate(bound: 3, report: told.note)])
        for _ in 0..<599 {
            listener.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept"))
            #expect(throws: IOError.self) { try listener.throwIfErrorCaught() }
            listener.embeddedEventLoop.advanceTime(by: .milliseconds(100))
        }
        #expect(told.troubles == ["exhausted"])
        listener.embeddedEventLoop.advanceTime(by: .seconds(1))
        listener.pipeline.fireErrorCaught(IOError(errnoCode: ENFILE, reason: "accept"))
        #expect(told.troubles == ["exhausted", "exhausted"])
    }

    @Test func theEndOfListeningIsTold() throws {
        let told = Told()
        let listener = EmbeddedChannel(handlers: [AcceptGate(bound: 3, report: told.note)])
        listener.pipeline.fireErrorCaught(IOError(errnoCode: EPROTO, reason: "accept"))
        listener.pipeline.fireChannelInactive()
        #expect(told.troubles == ["ended(\(TransportError.system(errno: EPROTO)))"])
    }

    private final class Told {
        private(set) var troubles: [String] = []

        func note(_ trouble: AcceptGate.Trouble) {
            switch trouble {
            case .exhausted: troubles.append("exhausted")
            case .ended(let failure): troubles.append("ended(\(failure))")
            }
        }
    }
}
