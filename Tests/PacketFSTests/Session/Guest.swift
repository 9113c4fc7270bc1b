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

    /// Whether it is closed before long.
    func closes() async -> Bool {
        for _ in 0..<10_000 where !isClosed { try? await Task.sleep(for: .milliseconds(1)) }
        return isClosed
    }

    func delivery() async -> Delivery? { nil }
    func send(_: ByteBuffer) async throws(TransportError) {}
    func receive() async throws(TransportError) -> ByteBuffer? { nil }
    func finishSending() async throws(TransportError) {}
    func close() async { closed.withLock { $0 = true } }
}
