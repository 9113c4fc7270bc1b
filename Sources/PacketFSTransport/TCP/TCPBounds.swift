/// Bounds of a TCP connection's memory, in bytes.
package enum TCPBounds {
    /// Bytes queued for sending at which `send` suspends, and those at which it goes on.
    package static let highWaterMark = 12 << 20
    package static let lowWaterMark = 6 << 20
    /// Bytes of one read, which grows and shrinks with what comes.
    package static let leastRead = 4 << 10
    package static let firstRead = 64 << 10
    package static let mostRead = 1 << 20
    /// Bytes of memory for what was received and not yet taken at which reading stops. One read may come on top; and
    /// where the other end has finished sending, what the kernel had received by then (`net.ipv4.tcp_rmem`).
    package static let inbox = 6 << 20
}
