import PacketFSChannel
import PacketFSWire

/// What a handshake over a connection left: the keys, and the bytes that it took.
struct OpenedChannel: ~Copyable, Sendable {
    private let channel: SealedChannel
    private let sent: Int
    private let received: Int
    /// When the connection was begun.
    let started: Instant

    init(channel: consuming SealedChannel, sent: Int, received: Int, started: Instant) {
        self.channel = channel
        self.sent = sent
        self.received = received
        self.started = started
    }

    consuming func takeLink(now: Instant) throws -> (SessionIntegrity, SealedLink) {
        let integrity = channel.integrity
        let link = try SealedLink(
            channel: channel, handshakeSent: sent, handshakeReceived: received, started: started, now: now)
        return (integrity, link)
    }
}
