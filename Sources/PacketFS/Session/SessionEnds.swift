package import PacketFSChannel
package import PacketFSRebuild
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
        try end(sender(of: sources, to: destination, options: options, gate: gate).side, over: channel, now: now)
    }

    /// An initiator that receives, as `get` does.
    package func gettingEnd(
        _ sources: [PeerPath], into destination: String, options: SendOptions, over channel: consuming SealedChannel,
        gate: any WriteGate, now: Instant
    ) throws -> SessionCore {
        try end(getter(of: sources, into: destination, options: options, gate: gate).side, over: channel, now: now)
    }

    /// The end of the one that was called, as `serve` makes it for this peer.
    package func answeringEnd(
        peer name: String, over channel: consuming SealedChannel, gate: any WriteGate, now: Instant
    ) throws -> SessionCore {
        let sides = Sides(home: self, peer: try record(named: name), gate: gate)
        let answering = ResponderSides(sides: sides, isAdmitted: true)
        return try end(over: channel, dispatch: { try answering.side(for: $0, integrity: $1) }, now: now)
    }

    private func end(
        _ side: Sides.Maker, over channel: consuming SealedChannel, now: Instant
    ) throws -> SessionCore {
        let core = try end(over: channel, dispatch: nil, now: now)
        try core.start(now: now, side)
        return core
    }

    private func end(
        over channel: consuming SealedChannel, dispatch: SessionCore.Dispatch?, now: Instant
    ) throws -> SessionCore {
        let opened = OpenedChannel(channel: channel, sent: 0, received: 0, started: now)
        return try SessionCore(opened: opened, dispatch: dispatch, now: now, report: { _ in })
    }
}
