package import PacketFSChannel
package import PacketFSWire

/// Shakes hands over the link; what the link does to the messages, the handshake finds out.
package enum SimulatedHandshake {
    package struct Lost: Error {
        package init() {}
    }

    package struct Channels: ~Copyable {
        package var initiator: SealedChannel
        package var responder: SealedChannel

        package var sessionID: [UInt8] { initiator.integrity.sessionID }

        package consuming func take<R>(
            _ body: (consuming SealedChannel, consuming SealedChannel) throws -> R
        ) rethrows -> R {
            try body(initiator, responder)
        }

        /// For a caller that plays the initiator itself.
        package consuming func keepInitiator(
            _ body: (consuming SealedChannel) throws -> Void
        ) rethrows -> SealedChannel {
            try body(responder)
            return initiator
        }

        /// For a caller that plays the responder itself.
        package consuming func keepResponder(
            _ body: (consuming SealedChannel) throws -> Void
        ) rethrows -> SealedChannel {
            try body(initiator)
            return responder
        }
    }

    package static func run(
        _ initiator: PeerCredentials, _ responder: PeerCredentials, suite: CipherSuite, padding: Padding, now: Instant,
        over link: inout SimulatedLink, random: inout SeededRandom, limits: ChannelLimits = .standard
    ) throws -> Channels {
        let call = try HandshakeInitiator(
            credentials: initiator, suite: suite, accepting: CipherSuite.allCases, random: &random)
        let first = try pass(call.message1, .toResponder, reader: .responder, over: &link)
        let response = try HandshakeResponder.respond(to: first, among: [responder], random: &random)
        let second = try pass(response.message2, .toInitiator, reader: .initiator, over: &link)
        let theirs = response.takeSecrets().channel(now: now, limits: limits, padding: padding)
        let ours = try call.finish(second).channel(now: now, limits: limits, padding: padding)
        return Channels(initiator: ours, responder: theirs)
    }

    private static func pass(
        _ message: [UInt8], _ direction: Direction, reader role: Role, over link: inout SimulatedLink
    ) throws -> [UInt8] {
        link.send(HandshakeReader.framed(message), direction)
        var reader = HandshakeReader(for: role)
        let bytes = link.take(.max, direction)
        guard let (whole, rest) = try bytes.withUnsafeBytes({ try reader.receive($0) }), rest.isEmpty else {
            throw Lost()
        }
        return whole
    }
}
