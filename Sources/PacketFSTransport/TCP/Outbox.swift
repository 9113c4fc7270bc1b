import NIOCore
import Synchronization

/// Carries what tasks send to the event loop, many buffers at a hop.
final class Outbox: Sendable {
    private struct State {
        var buffers: [ByteBuffer] = []
        /// Whether the event loop was asked to come and take them.
        var isScheduled = false
    }

    let gate = Gate(low: TCPBounds.lowWaterMark, high: TCPBounds.highWaterMark)
    private let state = Mutex(State())

    func send(_ bytes: ByteBuffer, to channel: any Channel) async throws(TransportError) {
        guard bytes.readableBytes > 0 else { return }
        try await gate.enter(bytes.readableBytes)
        let mustSchedule = state.withLock { state in
            state.buffers.append(bytes)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if mustSchedule { channel.eventLoop.execute { self.write(to: channel) } }
    }

    private func write(to channel: any Channel) {
        let buffers = state.withLock { state in
            defer { state = State() }
            return state.buffers
        }
        for buffer in buffers { write(buffer, to: channel) }
        channel.flush()
    }

    private func write(_ buffer: ByteBuffer, to channel: any Channel) {
        let count = buffer.readableBytes
        let promise = channel.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { [gate] result in
            if case .failure(let error) = result { gate.close(TransportError(error)) }
            gate.leave(count)
        }
        channel.write(buffer, promise: promise)
    }
}
