import NIOCore
import NIOPosix

/// Accepts TCP connections at one address, up to a number of them at a time. Letting go of it closes it.
package final class TCPListener: Sendable {
    /// Where it listens, with the port that the system chose where 0 was asked for.
    package let localAddress: Endpoint
    private let channel: any Channel
    private let mailbox: Mailbox<TCPConnection>

    private init(channel: any Channel, localAddress: Endpoint, mailbox: Mailbox<TCPConnection>) {
        self.channel = channel
        self.localAddress = localAddress
        self.mailbox = mailbox
    }

    deinit {
        channel.close(promise: nil)
    }

    /// Binds and listens. `::` takes IPv4 as well. While `maxConnections` are open, and not closed yet by either end, new
    /// ones wait in the system's queue. They do too while there are no descriptors or no memory for them: `onExhaustion`
    /// is told of that, at most once a minute.
    package static func bind(
        _ endpoint: Endpoint, maxConnections: Int = 1024, onExhaustion: @escaping @Sendable () -> Void = {}
    ) async throws(TransportError) -> TCPListener {
        let mailbox = Mailbox<TCPConnection>(capacity: maxConnections)
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let gate = AcceptGate(bound: maxConnections) { trouble in
                        switch trouble {
                        case .exhausted: onExhaustion()
                        case .ended(let failure): mailbox.end(.failed(failure))
                        }
                    }
                    try channel.pipeline.syncOperations.addHandler(gate)
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try accept(channel, into: mailbox) }
            }
        do {
            let channel = try await bootstrap.bind(host: endpoint.host, port: endpoint.port).get()
            guard let address = Endpoint(channel.localAddress) else { throw TransportError.invalidAddress }
            return TCPListener(channel: channel, localAddress: address, mailbox: mailbox)
        } catch {
            throw TransportError(error)
        }
    }

    /// The next connection, `nil` once the listener is closed. Throws what made an end of listening, if that was not us.
    package func accept() async throws(TransportError) -> TCPConnection? {
        try await mailbox.take()?.element
    }

    /// Listens no more, and closes what nobody has accepted yet. Accepted connections go on.
    package func close() async {
        let waiting = mailbox.close(.finished)
        try? await channel.close()
        for connection in waiting { await connection.close() }
    }

    private static func accept(_ channel: any Channel, into mailbox: Mailbox<TCPConnection>) throws {
        try channel.setConnectionOptions()
        guard mailbox.put(try TCPConnection(channel: channel), weight: 1) else { throw TransportError.closed }
    }
}
