package import PacketFSChannel
package import PacketFSRebuild
import PacketFSStore
package import PacketFSWire

/// Ends of sessions whose handshake the caller made, and whose bytes and time the caller brings: no socket, no thread,
/// no clock. `gate` stands before every durable write of the end.
extension Home {
    /// What a handshake with the peer of this name needs.
    package func credentials(ofPeer name: String) throws -> PeerCredentials {
        guard let newest = try unlockedSeeds(of: record(named: name)).first else { throw ChannelError.unknownPeer }
        return newest.keys
    }

    /// An initiator that sends, as `send` does.
    package func sendingEnd(
        _ sources: [String], to destination: PeerPath, options: SendOptions, over channel: consuming SealedChannel,
        gate: any WriteGate, now: Instant
    ) throws -> SessionCore {
        let (peer, side) = try sender(of: sources, to: destination, options: options, gate: gate)
        return try end(side, with: peer, options, over: channel, gate, now)
    }

    /// An initiator that receives, as `get` does.
    package func gettingEnd(
        _ sources: [PeerPath], into destination: String, options: SendOptions, over channel: consuming SealedChannel,
        gate: any WriteGate, now: Instant
    ) throws -> SessionCore {
        let (peer, side) = try getter(of: sources, into: destination, options: options, gate: gate)
        return try end(side, with: peer, options, over: channel, gate, now)
    }

    /// The end of the one that was called, as `serve` makes it for this peer.
    package func answeringEnd(
        peer name: String, over channel: consuming SealedChannel, gate: any WriteGate, now: Instant
    ) throws -> SessionCore {
        let peer = try record(named: name)
        let answering = ResponderSides(sides: Sides(home: self, peer: peer, gate: gate))
        let covering = Covering(
            home: self, credentials: try credentials(ofPeer: peer.name), role: .responder,
            gate: SessionPadGate(gate: gate))
        return try SessionCore(
            opened: OpenedChannel(channel: channel, sent: 0, received: 0, started: now), covering: covering,
            dispatch: { try answering.side(for: $0, integrity: $1) }, now: now, report: { _ in })
    }

    private func end(
        _ side: @escaping Sides.Maker, with peer: PeerRecord, _ options: SendOptions,
        over channel: consuming SealedChannel, _ gate: any WriteGate, _ now: Instant
    ) throws -> SessionCore {
        let covering = Covering(
            home: self, credentials: try credentials(ofPeer: peer.name), role: .initiator,
            protection: options.protection,
            gate: SessionPadGate(gate: gate))
        let core = try SessionCore(
            opened: OpenedChannel(channel: channel, sent: 0, received: 0, started: now), covering: covering, now: now,
            report: { _ in })
        try core.start(now: now, side)
        return core
    }
}
