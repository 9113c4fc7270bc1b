package import PacketFSChannel
package import PacketFSRebuild
package import PacketFSWire

/// Ends of sessions whose handshake the caller made, and whose bytes and time the caller brings: no socket, no thread,
/// no clock. `gate` stands before every durable write of the end.
extension Home {
    /// What a handshake with the peer of this name needs.
    package func credentials(ofPeer name: String) throws -> PeerCredentials {
        try credentials(of: record(named: name))
    }

    /// An initiator that sends, as `send` does.
    package func sendingEnd(
        _ sources: [String], to destination: PeerPath, options: SendOptions, over channel: consuming SealedChannel,
        gate: any WriteGate, now: Instant
    ) throws -> SessionCore {
        let record = try record(named: destination.peer)
        let job = SendJob(sources: sources, destination: destination.path, options: options)
        let core = try end(over: channel, dispatch: nil, now: now)
        try core.start(now: now) { integrity in
            let domain = try domain(of: record, gate: gate)
            let planner = TransferPlanner(
                job: job, domain: domain, own: try domain.openOwn(), tagger: integrity.key(for:))
            return SendingSide(planner, plansAhead: false)
        }
        return core
    }

    /// An initiator that receives, as `get` does.
    package func gettingEnd(
        _ sources: [PeerPath], into destination: String, options: SendOptions, over channel: consuming SealedChannel,
        gate: any WriteGate, now: Instant
    ) throws -> SessionCore {
        let record = try record(named: sources.first?.peer ?? "")
        let request = Request(sources, into: destination, options: options)
        let core = try end(over: channel, dispatch: nil, now: now)
        try core.start(now: now) { integrity in
            let desk = ReceivingDesk(
                domain: try domain(of: record, gate: gate), placement: .local(destination),
                tagger: integrity.key(for:))
            return ReceivingSide(desk, request: request)
        }
        return core
    }

    /// The end of the one that was called, as `serve` makes it for this peer.
    package func answeringEnd(
        peer name: String, over channel: consuming SealedChannel, gate: any WriteGate, now: Instant
    ) throws -> SessionCore {
        let sides = ResponderSides(home: self, peer: try record(named: name), isAdmitted: true, gate: gate, plansAhead: false)
        return try end(over: channel, dispatch: { try sides.side(for: $0, integrity: $1) }, now: now)
    }

    private func end(
        over channel: consuming SealedChannel, dispatch: SessionCore.Dispatch?, now: Instant
    ) throws -> SessionCore {
        let opened = OpenedChannel(channel: channel, sent: 0, received: 0, started: now)
        return try SessionCore(opened: opened, dispatch: dispatch, now: now, report: { _ in })
    }
}
