private import CLinux
import Glibc
package import NIOCore

/// A TCP connection, made by `TCPConnector` or accepted by `TCPListener`. Letting go of it closes it.
package final class TCPConnection: Connection {
    package let remoteAddress: String
    private let channel: any Channel
    private let mailbox = Mailbox<ByteBuffer>(capacity: TCPBounds.inbox)
    private let outbox = Outbox()

    /// Takes over a channel that has not read yet. To be called on its event loop.
    init(channel: any Channel) throws {
        self.channel = channel
        remoteAddress = Endpoint(channel.remoteAddress)?.description ?? "unknown"
        try channel.pipeline.syncOperations.addHandler(InboundHandler(mailbox: mailbox, gate: outbox.gate))
    }

    deinit {
        channel.close(promise: nil)
    }

    package func delivery() async -> Delivery? {
        guard let provider = channel as? any SocketOptionProvider else { return nil }
        let level = NIOBSDSocket.OptionLevel(rawValue: Int32(IPPROTO_TCP))
        let answer: EventLoopFuture<pfs_tcp_info> = provider.unsafeGetSocketOption(
            level: level, name: NIOBSDSocket.Option(rawValue: TCP_INFO))
        guard var info = try? await answer.get() else { return nil }
        return Delivery(
            bytes: pfs_tcp_acknowledged(&info), busySeconds: Double(pfs_tcp_busy(&info)) * 1e-6,
            roundTrip: Double(pfs_tcp_round_trip(&info)) * 1e-6)
    }

    package func send(_ bytes: ByteBuffer) async throws(TransportError) {
        try await outbox.send(bytes, to: channel)
    }

    package func receive() async throws(TransportError) -> ByteBuffer? {
        guard let taken = try await mailbox.take() else { return nil }
        if taken.roomAgain { channel.read() }
        return taken.element
    }

    package func finishSending() async throws(TransportError) {
        // Where the other end has finished too, the channel closes at once, with what is queued still in it.
        try await outbox.gate.drained()
        outbox.gate.close(.closed)
        do {
            try await channel.close(mode: .output)
        } catch {
            throw TransportError(error)
        }
    }

    package func close() async {
        outbox.gate.close(.closed)
        mailbox.close(.failed(.closed))
        // Fails only where it is closed already.
        try? await channel.close()
    }
}
