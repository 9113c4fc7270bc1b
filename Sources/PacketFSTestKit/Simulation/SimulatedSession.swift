package import PacketFS
package import PacketFSChannel
import PacketFSWire

/// Which home begins the session. The files go from `left` to `right` either way.
package enum Verb: Sendable {
    /// `left` sends its outbox to the inbox of `right`.
    case put
    /// `right` fetches the same.
    case get
}

/// How one session is to go.
package struct SessionSetup {
    package var verb = Verb.put
    package var options = SendOptions()
    package var suite = CipherSuite.aes256gcm
    package var padding = Padding.none
    package var faults = LinkFaults()
    /// So many seconds pass at once before a step.
    package var leap: (step: Int, seconds: Double)?
    /// When both ends change their keys.
    package var limits = ChannelLimits.standard
    package var initiatorGate = CrashGate()
    package var responderGate = CrashGate()
    /// What is sent; the contents of the outbox if `nil`. For `put` only.
    package var sources: [String]?
    /// Where the files go; the inbox if `nil`.
    package var destination: String?
    package var isRecorded = false

    package init() {}
}

/// Runs two ends against each other, in an order, in pieces and at times that a seed decides.
package final class SimulatedSession {
    package let initiator: SessionCore
    package let responder: SessionCore
    package private(set) var link: SimulatedLink
    package private(set) var clock = VirtualClock()
    private let setup: SessionSetup
    private var random: SeededRandom
    private var steps = 0
    /// Delivered, and not taken yet, by direction.
    private var held: [[UInt8]] = [[], []]
    /// Whether there is more to act upon than that.
    private var isBehind = [false, false]
    /// Bytes of the handshake, by direction.
    private let shaken: [Int]
    /// Names the keys of the session.
    package let sessionID: [UInt8]

    package init(_ pair: TestPair, _ setup: SessionSetup, random: inout SeededRandom) throws {
        var link = SimulatedLink(faults: setup.faults, isRecorded: setup.isRecorded)
        let (home, other) = setup.verb == .put ? (pair.left, pair.right) : (pair.right, pair.left)
        let now = clock.now
        let channels = try SimulatedHandshake.run(
            home.credentials(ofPeer: TestPair.peer), other.credentials(ofPeer: TestPair.peer), suite: setup.suite,
            padding: setup.padding, now: now, over: &link, random: &random, limits: setup.limits)
        sessionID = channels.sessionID
        (initiator, responder) = try channels.take { ours, theirs in
            let answering = try other.answeringEnd(
                peer: TestPair.peer, over: theirs, gate: setup.responderGate, now: now)
            let starting =
                switch setup.verb {
                case .put:
                    try home.sendingEnd(
                        setup.sources ?? [pair.outbox + "/"],
                        to: PeerPath(peer: TestPair.peer, path: setup.destination ?? pair.inbox),
                        options: setup.options, over: ours, gate: setup.initiatorGate, now: now)
                case .get:
                    try home.gettingEnd(
                        [PeerPath(peer: TestPair.peer, path: pair.outbox + "/")], into: setup.destination ?? pair.inbox,
                        options: setup.options, over: ours, gate: setup.initiatorGate, now: now)
                }
            return (starting, answering)
        }
        shaken = Direction.allCases.map { link.passed($0) }
        self.link = link
        self.setup = setup
        self.random = SeededRandom(seed: random.next())
    }

    /// Durable writes of both ends so far.
    private var writes: Int { setup.initiatorGate.count + setup.responderGate.count }

    package var hasCrashed: Bool { setup.initiatorGate.hasCrashed || setup.responderGate.hasCrashed }

    /// Whether the initiator may believe that everything went well.
    package var isComplete: Bool {
        initiator.hasEnded && initiator.peerHasEnded && failure(of: initiator) == nil
    }

    /// Whether the byte that was changed is of the length of a frame, which never came whole because of that.
    package var hasLostFrame: Bool {
        guard let flip = setup.faults.flip else { return false }
        let heard = link.recording[flip.direction.rawValue]
        var frame = shaken[flip.direction.rawValue]
        while frame + Limits.framePrefix <= heard.count {
            let next = frame + Limits.framePrefix + (Int(heard[frame]) << 8 | Int(heard[frame + 1]))
            guard next <= heard.count else { return flip.position < frame + Limits.framePrefix }
            frame = next
        }
        return false
    }

    package func failure(of end: SessionCore) -> (any Error)? {
        do {
            try end.rethrow()
            return nil
        } catch {
            return error
        }
    }

    /// Runs until nothing moves any more, or an end crashed. An end that lost its peer leaves a resumable state; one
    /// that crashed leaves what it left.
    ///
    /// - Parameter observe: called whenever something durable may have changed, and now and then besides.
    package func run(_ observe: () throws -> Void = {}) throws {
        var seen = writes
        while try sweep() {
            guard writes != seen || random.oneIn(8) else { continue }
            seen = writes
            try observe()
        }
        if !setup.initiatorGate.hasCrashed, !isComplete { initiator.abandon() }
        if !setup.responderGate.hasCrashed, !responder.peerHasEnded { responder.abandon() }
    }

    /// One round of turns in a random order; false once nothing can happen.
    package func sweep() throws -> Bool {
        steps += 1
        clock.advance(seconds: random.oneIn(8) ? Double(random.draw(0...40)) : 0.01)
        if let leap = setup.leap, steps == leap.step { clock.advance(seconds: leap.seconds) }
        if steps % 4 == 3 {
            initiator.tick(now: clock.now)
            responder.tick(now: clock.now)
        }
        var hasMoved = false
        for turn in [0, 1, 2, 3].shuffled(using: &random) {
            guard !hasCrashed else { return false }
            hasMoved = (turn < 2 ? produce(turn == 0) : deliver(turn == 2 ? .toResponder : .toInitiator)) || hasMoved
        }
        return hasMoved && !hasCrashed
    }

    private func produce(_ isInitiator: Bool) -> Bool {
        let end = isInitiator ? initiator : responder
        let gate = isInitiator ? setup.initiatorGate : setup.responderGate
        let bytes = end.said(now: clock.now)
        // What a crashed end would have said is never sent.
        guard !gate.hasCrashed, !link.isCut else { return false }
        link.send(bytes, isInitiator ? .toResponder : .toInitiator)
        return !bytes.isEmpty || end.wantsToWork
    }

    private func deliver(_ direction: Direction) -> Bool {
        let number = direction.rawValue
        if held[number].isEmpty, !isBehind[number] {
            let waiting = link.waiting(direction)
            guard waiting > 0 else { return false }
            held[number] = link.take(piece(of: waiting), direction)
        }
        let end = direction == .toResponder ? responder : initiator
        let bytes = held[number]
        let intake = end.received(bytes.span.bytes, now: clock.now) { random.oneIn(8) }
        held[number].removeFirst(intake.taken)
        isBehind[number] = intake.next != .bytes
        return true
    }

    /// Reads are split and joined.
    private func piece(of waiting: Int) -> Int {
        switch random.draw(0...5) {
        case 0 where waiting < 4096: random.draw(1...40)
        case 1, 2: random.draw(1...waiting)
        default: waiting
        }
    }
}
