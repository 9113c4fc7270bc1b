import NIOCore
import PacketFSChannel
import PacketFSTransport
import PacketFSWire

/// The handshake over a connection, from either side.
enum Handshake {
    /// An opened channel, whom it leads to, and the bytes that came behind the last message.
    struct Outcome: ~Copyable, Sendable {
        let peer: PeerCredentials
        let early: [UInt8]
        private let channel: OpenedChannel

        fileprivate init(peer: PeerCredentials, early: [UInt8], channel: consuming OpenedChannel) {
            self.peer = peer
            self.early = early
            self.channel = channel
        }

        consuming func takeChannel() -> OpenedChannel { channel }
    }

    static func initiate(
        over connection: any Connection, credentials: PeerCredentials, suite: CipherSuite, padding: Padding
    ) async throws -> Outcome {
        let started = Instant.now
        var random = SystemRandomNumberGenerator()
        let initiator = try HandshakeInitiator(
            credentials: credentials, suite: suite, accepting: CipherSuite.allCases, random: &random)
        let first = HandshakeReader.framed(initiator.message1)
        try await connection.send(ByteBuffer(bytes: first))
        let (answer, early) = try await message(for: .initiator, from: connection)
        let channel = try initiator.finish(answer).channel(now: .now, padding: padding)
        return Outcome(
            peer: credentials, early: early,
            channel: OpenedChannel(
                channel: channel, sent: first.count, received: answer.count + 2, started: started))
    }

    /// A first message, as it came from whoever it is.
    struct Call: Sendable {
        fileprivate let message: [UInt8]
        fileprivate let started: Instant
        let id: CallID

        fileprivate init(message: [UInt8], started: Instant) {
            self.message = message
            self.started = started
            id = CallID(of: message)
        }
    }

    /// Waits for a first message.
    static func call(from connection: any Connection) async throws -> Call {
        let started = Instant.now
        let (message, early) = try await message(for: .responder, from: connection)
        guard early.isEmpty else { throw ChannelError.malformedHandshake }
        return Call(message: message, started: started)
    }

    /// Answers whoever of `candidates` it is that calls, unless `admit`, which is asked right before, throws.
    static func respond(
        to call: Call, over connection: any Connection, among candidates: [PeerCredentials], padding: Padding,
        admit: () throws -> Void = {}
    ) async throws -> Outcome {
        var random = SystemRandomNumberGenerator()
        let response = try HandshakeResponder.respond(to: call.message, among: candidates, random: &random)
        try admit()
        let answer = HandshakeReader.framed(response.message2)
        try await connection.send(ByteBuffer(bytes: answer))
        let peer = response.peer
        let channel = response.takeSecrets().channel(now: .now, padding: padding)
        return Outcome(
            peer: peer, early: [],
            channel: OpenedChannel(
                channel: channel, sent: answer.count, received: call.message.count + 2, started: call.started))
    }

    private static func message(
        for role: Role, from connection: any Connection
    ) async throws -> (message: [UInt8], rest: [UInt8]) {
        var reader = HandshakeReader(for: role)
        while let chunk = try await connection.receive() {
            if let whole = try chunk.withUnsafeReadableBytes({ try reader.receive($0) }) { return whole }
        }
        throw ChannelError.handshakeFailed
    }
}
