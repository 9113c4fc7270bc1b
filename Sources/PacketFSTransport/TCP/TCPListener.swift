import NIOCore
import NIOPosix
import Synchronization

/// Accepts TCP connections at one address, up to a number of them at a time. Letting go of it closes it.
package final class TCPListener: Sendable {
    /// Where it listens, with the port that the system chose where 0 was asked for.
    package let localAddress: Endpoint
    private let channel: any Channel
    private let mailbox: Mailbox<TCPConnection>
    private let slots: Slots
    /// Connections beyond those allowed that may wait to be closed.
    private static let refusedAtOnce = 16

    private init(
        channel: any Channel, localAddress: Endpoint, mailbox: Mailbox<TCPConnection>, slots: Slots
    ) {
        self.channel = channel
        self.localAddress = localAddress
        self.mailbox = mailbox
        self.slots = slots
    }

    deinit {
        channel.close(promise: nil)
    }

    /// Binds and listens. `::` takes IPv4 as well. Beyond `maxConnections` that are open, and not closed yet by
    /// either end, new ones are closed as they come; and they come no faster than they are closed.
    package static func bind(
        _ endpoint: Endpoint, maxConnections: Int = 1024
    ) async throws(TransportError) -> TCPListener {
        let mailbox = Mailbox<TCPConnection>(capacity: maxConnections)
        let slots = Slots(count: maxConnections)
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptGate(bound: maxConnections + refusedAtOnce))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try accept(channel, slots: slots, mailbox: mailbox) }
            }
        do {
            let channel = try await bootstrap.bind(host: endpoint.host, port: endpoint.port).get()
            guard let address = Endpoint(channel.localAddress) else { throw TransportError.invalidAddress }
            return TCPListener(channel: channel, localAddress: address, mailbox: mailbox, slots: slots)
        } catch {
            throw TransportError(error)
        }
    }

    /// Connections that are open now.
    package var openConnections: Int { slots.used }

    /// Connections that were closed as they came, because there were too many.
    package var refusedConnections: Int { slots.refused }

    /// The next connection, `nil` once the listener is closed.
    package func accept() async throws(TransportError) -> TCPConnection? {
        try await mailbox.take()?.element
    }

    /// Listens no more, and closes what nobody has accepted yet. Accepted connections go on.
    package func close() async {
        let waiting = mailbox.close(.finished)
        try? await channel.close()
        for connection in waiting { await connection.close() }
    }

    private static func accept(_ channel: any Channel, slots: Slots, mailbox: Mailbox<TCPConnection>) throws {
        guard slots.take() else { throw TransportError.exhausted }
        channel.closeFuture.whenComplete { _ in slots.give() }
        try channel.setConnectionOptions()
        guard mailbox.put(try TCPConnection(channel: channel), weight: 1) else { throw TransportError.closed }
    }
}

/// Counts open connections.
private final class Slots: Sendable {
    private let state = Mutex((used: 0, refused: 0))
    private let count: Int

    init(count: Int) {
        self.count = count
    }

    var used: Int { state.withLock { $0.used } }
    var refused: Int { state.withLock { $0.refused } }

    func take() -> Bool {
        state.withLock { state in
            let isFree = state.used < count
            if isFree { state.used += 1 } else { state.refused += 1 }
            return isFree
        }
    }

    func give() {
        state.withLock { $0.used -= 1 }
    }
}
