package import NIOCore

/// A reliable, ordered pipe of bytes in both directions. It knows nothing of what the bytes mean, and keeps no
/// boundaries: what was sent in one call may arrive in several chunks, or joined with others.
///
/// All memory between sender and receiver is bounded: `send` suspends until there is room, and nothing is read from
/// the network that nobody asks for. One task at a time may receive; any number may send.
package protocol Connection: Sendable {
    /// Where the other end is, for people: `192.0.2.1:4860`, `[2001:db8::1]:4860`.
    var remoteAddress: String { get }

    /// What the other end's system has taken so far; `nil` where that says nothing about a link, or is not known.
    func delivery() async -> Delivery?

    /// Queues `bytes` for sending, after suspending for as long as the bytes queued are at the high-water mark.
    ///
    /// Throws `cancelled` if the task is cancelled while it waits: then none of `bytes` are sent.
    func send(_ bytes: ByteBuffer) async throws(TransportError)

    /// The next bytes, never empty; `nil` once the other end has finished sending. Throws `closed` after `close`.
    func receive() async throws(TransportError) -> ByteBuffer?

    /// Waits until everything queued has left, and tells the other end that no more will follow. Receiving goes on.
    func finishSending() async throws(TransportError)

    /// Drops what is queued and closes both directions; calls that wait throw `closed`. May be called again.
    func close() async
}

/// What a link has carried in one direction.
package struct Delivery: Equatable, Sendable {
    /// Bytes that were acknowledged.
    package var bytes: UInt64
    /// Seconds in which there were any to carry.
    package var busySeconds: Double
    /// Seconds from a byte to its acknowledgement at least; `nil` if that is not known.
    package var roundTrip: Double?

    package init(bytes: UInt64, busySeconds: Double, roundTrip: Double? = nil) {
        self.bytes = bytes
        self.busySeconds = busySeconds
        self.roundTrip = roundTrip
    }
}
