package import NIOCore

/// One end of a pipe within the process: for tests, and for two parties in one program.
package final class MemoryConnection: Connection {
    package let remoteAddress: String
    private let incoming: MemoryPipe
    private let outgoing: MemoryPipe

    private init(remoteAddress: String, incoming: MemoryPipe, outgoing: MemoryPipe) {
        self.remoteAddress = remoteAddress
        self.incoming = incoming
        self.outgoing = outgoing
    }

    /// Two ends; up to `highWaterMark` bytes (and one send more) are under way in each direction.
    package static func pair(highWaterMark: Int = 1 << 20) -> (MemoryConnection, MemoryConnection) {
        let forth = MemoryPipe(highWaterMark: highWaterMark)
        let back = MemoryPipe(highWaterMark: highWaterMark)
        return (
            MemoryConnection(remoteAddress: "memory:1", incoming: back, outgoing: forth),
            MemoryConnection(remoteAddress: "memory:0", incoming: forth, outgoing: back)
        )
    }

    package func delivery() async -> Delivery? { nil }

    package func send(_ bytes: ByteBuffer) async throws(TransportError) {
        guard bytes.readableBytes > 0 else { return }
        try await outgoing.gate.enter(bytes.readableBytes)
        guard outgoing.mailbox.put(bytes, weight: bytes.readableBytes) else { throw .closed }
    }

    package func receive() async throws(TransportError) -> ByteBuffer? {
        guard let taken = try await incoming.mailbox.take() else { return nil }
        incoming.gate.leave(taken.weight)
        return taken.element
    }

    package func finishSending() async throws(TransportError) {
        outgoing.gate.close(.closed)
        outgoing.mailbox.end(.finished)
    }

    package func close() async {
        // The other end still gets what was sent, as on a network; what it sends from now on goes nowhere.
        outgoing.gate.close(.closed)
        outgoing.mailbox.end(.finished)
        incoming.gate.close(.reset)
        incoming.mailbox.close(.failed(.closed))
    }

    /// Cuts the connection as a network would: both ends fail with `reset`, bytes under way are lost.
    package func cut() {
        for pipe in [incoming, outgoing] {
            pipe.gate.close(.reset)
            pipe.mailbox.close(.failed(.reset))
        }
    }
}

/// One direction of a memory connection.
private struct MemoryPipe: Sendable {
    let gate: Gate
    let mailbox: Mailbox<ByteBuffer>

    init(highWaterMark: Int) {
        gate = Gate(low: highWaterMark / 2, high: highWaterMark)
        mailbox = Mailbox(capacity: highWaterMark)
    }
}
