import NIOCore
import PacketFSTransport
import Synchronization

/// A connection from somewhere.
final class Guest: Connection {
    let remoteAddress: String
    private let closed = Mutex(false)

    init(_ remoteAddress: String) {
        self.remoteAddress = remoteAddress
    }

    var isClosed: Bool { closed.withLock(\.self) }
    func delivery() async -> Delivery? { nil }
    func send(_: ByteBuffer) async throws(TransportError) {}
    func receive() async throws(TransportError) -> ByteBuffer? { nil }
    func finishSending() async throws(TransportError) {}
    func close() async { closed.withLock { $0 = true } }
}
