import Glibc
import NIOCore

extension Channel {
    /// Sets what every TCP connection here has in common, made or accepted. To be called on the event loop.
    func setConnectionOptions() throws {
        guard let options = syncOptions else { return }
        try options.setOption(.autoRead, value: false)
        try options.setOption(.allowRemoteHalfClosure, value: true)
        try options.setOption(.maxMessagesPerRead, value: 1)
        try options.setOption(
            .recvAllocator,
            value: AdaptiveRecvByteBufferAllocator(
                minimum: TCPBounds.leastRead, initial: TCPBounds.firstRead, maximum: TCPBounds.mostRead))
        // Only our own gate holds senders back.
        try options.setOption(
            .writeBufferWaterMark, value: .init(low: TCPBounds.lowWaterMark, high: 2 * TCPBounds.highWaterMark))
        try options.setOption(.tcpOption(.tcp_nodelay), value: 1)
        try options.setOption(.socketOption(.so_keepalive), value: 1)
        try options.setOption(.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPIDLE)), value: KeepAlive.idle)
        try options.setOption(.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPINTVL)), value: KeepAlive.interval)
        try options.setOption(.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPCNT)), value: KeepAlive.count)
    }
}

/// A connection that is silent for `idle` seconds is probed every `interval` seconds, and cut when `count` probes are
/// not answered.
private enum KeepAlive {
    static let idle = 60
    static let interval = 15
    static let count = 4
}

extension Endpoint {
    /// An IPv4 address mapped into IPv6 is shown as what it is.
    init?(_ address: SocketAddress?) {
        guard let address, let host = address.ipAddress, let port = address.port else { return nil }
        let mapped = "::ffff:"
        let isMapped = host.hasPrefix(mapped) && host.contains(".")
        self.init(host: isMapped ? String(host.dropFirst(mapped.count)) : host, port: port)
    }
}
