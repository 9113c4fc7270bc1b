import NIOCore
import NIOPosix

/// Makes TCP connections.
package enum TCPConnector {
    /// Connects to the endpoint, trying its IPv6 and IPv4 addresses. Throws `timedOut` after `timeout` seconds, name
    /// resolution included; `refused`, `unknownHost` and so on; `cancelled`, at once, if the task is cancelled.
    package static func connect(
        to endpoint: Endpoint, timeout: Double = 10
    ) async throws(TransportError) -> TCPConnection {
        let mailbox = Mailbox<TCPConnection>(capacity: 1)
        ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.nanoseconds(Int64(timeout * 1e9)))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.setConnectionOptions() }
            }
            .connect(host: endpoint.host, port: endpoint.port)
            .flatMapThrowing { channel in try TCPConnection(channel: channel) }
            .whenComplete { result in
                switch result {
                case .success(let connection): mailbox.put(connection, weight: 1)
                case .failure(let error): mailbox.end(.failed(TransportError(error)))
                }
            }
        // A connection that comes too late is let go of, and so closed.
        defer { mailbox.close(.failed(.cancelled)) }
        guard let taken = try await mailbox.take() else { throw .closed }
        return taken.element
    }
}
