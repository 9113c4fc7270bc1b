/// Bounds of a TCP connection's memory, in bytes.
package enum TCPBounds {
    /// Bytes queued for sending at which `send` suspends, and those at which it goes on.
    package static let highWaterMark = 12 << 20
    package static let lowWaterMark = 6 << 20
    /// Bytes of one read, and reads at a time.
    package static let read = 64 << 10
    package static let readsAtATime = 16
    /// Bytes received and not yet taken at which reading stops. One round of reads may come on top; and where the
    /// other end has finished sending, what the kernel had received by then (`net.ipv4.tcp_rmem`).
    package static let inbox = 6 << 20
}
