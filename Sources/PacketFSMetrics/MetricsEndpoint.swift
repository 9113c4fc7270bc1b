internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import ServiceLifecycle
internal import Synchronization

/// Why there is no endpoint.
package enum MetricsEndpointError: Error, Equatable {
    /// Not `host:port` with an address of loopback.
    case notLoopback
    /// Nothing can listen there, or no more.
    case unavailable
}

/// Answers `GET /metrics` on loopback, one request a connection. What comes in is bounded in bytes, time and number of
/// connections before it is parsed.
package struct MetricsEndpoint: Service {
    /// Connections at once; more are closed as they come.
    static let maxConnections = 16
    /// Bytes of one request.
    static let maxRequest = 8192

    private let address: SocketAddress
    private let registry: Registry
    private let timeout: Duration
    private let listening: @Sendable (String) -> Void

    /// `address`: `127.0.0.1:PORT` or `[::1]:PORT`; port 0 takes a free one, and `listening` says which. `timeout`: for
    /// one request and its answer.
    package init(
        address: String, registry: Registry, timeout: Duration = .seconds(5),
        listening: @escaping @Sendable (String) -> Void
    ) throws(MetricsEndpointError) {
        self.address = try Self.loopback(address)
        self.registry = registry
        self.timeout = timeout
        self.listening = listening
    }

    /// Serves until it is told to stop. Throws `unavailable` where it cannot, or no more.
    package func run() async throws {
        let slots = Slots()
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try answer(on: channel, slots) }
            }
        let channel: any Channel
        do {
            channel = try await bootstrap.bind(to: address).get()
        } catch {
            throw MetricsEndpointError.unavailable
        }
        listening(channel.localAddress.map(Self.text) ?? "")
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                try? await channel.closeFuture.get()
            } onGracefulShutdown: {
                channel.close(promise: nil)
            }
        } onCancel: {
            channel.close(promise: nil)
        }
        guard Task.isShuttingDownGracefully || Task.isCancelled else { throw MetricsEndpointError.unavailable }
    }

    private func answer(on channel: any Channel, _ slots: Slots) throws {
        guard slots.take() else { throw ChannelError.connectTimeout(.zero) }
        channel.closeFuture.whenComplete { _ in slots.give() }
        channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) { channel.close(promise: nil) }
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(RequestBound(bytes: Self.maxRequest))
        try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
        try pipeline.addHandler(ScrapeHandler { [registry] in registry.text })
    }

    private static func text(_ address: SocketAddress) -> String {
        let host = address.ipAddress ?? ""
        return (host.contains(":") ? "[\(host)]" : host) + ":\(address.port ?? 0)"
    }

    private static func loopback(_ text: String) throws(MetricsEndpointError) -> SocketAddress {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw .notLoopback
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard let address = try? SocketAddress(ipAddress: host, port: Int(port)), isLoopback(address) else {
            throw .notLoopback
        }
        return address
    }

    private static func isLoopback(_ address: SocketAddress) -> Bool {
        guard let ip = address.ipAddress else { return false }
        return ip == "::1" || (address.protocol == .inet && ip.hasPrefix("127."))
    }

    /// How many connections are open.
    private final class Slots: Sendable {
        private let used = Mutex(0)

        func take() -> Bool {
            used.withLock { used in
                guard used < maxConnections else { return false }
                used += 1
                return true
            }
        }

        func give() {
            used.withLock { $0 -= 1 }
        }
    }
}
