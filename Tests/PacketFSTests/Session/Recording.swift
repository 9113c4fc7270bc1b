import PacketFS
import PacketFSChannel
import PacketFSTestKit
import PacketFSWire

/// A `get` whose answers were recorded, and the home that fetched as it was before. The initiator's keys follow from
/// a seed, so the same answers can be given to it again and again, changed in any way.
final class Recording {
    let pair: TestPair
    let message2: [UInt8]
    /// The frames that came to the initiator, each with its length.
    let frames: [[UInt8]]
    /// The frames of the initiator, and its first message.
    let callFrames: [[UInt8]]
    let message1: [UInt8]

    private static let seed: UInt64 = 11
    /// What is asked for, the first time and again: answers to something else are refused.
    private static let options = {
        var options = SendOptions()
        options.learns = false
        return options
    }()

    init(verb: Verb = .get) throws {
        pair = try TestPair()
        Tree([
            "file": .file(Array("forty bytes that nobody may change......".utf8), mode: 0o644, modified: 1_000_000_000)
        ])
        .write(to: pair.outbox)
        try pair.keep()
        var setup = SessionSetup()
        setup.verb = verb
        setup.isRecorded = true
        setup.options = Self.options
        var random = SeededRandom(seed: Self.seed)
        let session = try SimulatedSession(pair, setup, random: &random)
        try session.run()
        var answers = Self.pieces(of: session.link.recording[Direction.toInitiator.rawValue])
        var calls = Self.pieces(of: session.link.recording[Direction.toResponder.rawValue])
        message2 = Array(answers.removeFirst().dropFirst(2))
        message1 = Array(calls.removeFirst().dropFirst(2))
        frames = answers
        callFrames = calls
        let source = Tree(at: pair.outbox)
        try pair.restore()
        source.write(to: pair.outbox)
    }

    /// A new initiator with the same keys, given these bytes.
    func replay(_ bytes: [UInt8]) throws -> SessionCore {
        var random = SeededRandom(seed: Self.seed)
        let credentials = try pair.right.credentials(ofPeer: TestPair.peer)
        let call = try HandshakeInitiator(
            credentials: credentials, suite: .aes256gcm, accepting: CipherSuite.allCases, random: &random)
        let now = VirtualClock().now
        let channel = try call.finish(message2).channel(now: now, padding: .none)
        let core = try pair.right.gettingEnd(
            [PeerPath(peer: TestPair.peer, path: pair.outbox + "/")], into: pair.inbox, options: Self.options,
            over: channel, gate: CrashGate(), now: now)
        while !core.said(now: now).isEmpty {}
        _ = core.received(bytes.span.bytes, now: now)
        _ = core.produce(now: now)
        return core
    }

    /// The homes and folders as they were.
    func reset() throws {
        let source = Tree(at: pair.outbox)
        try pair.restore()
        source.write(to: pair.outbox)
    }

    var isUntouched: Bool { Tree(at: pair.inbox).nodes.isEmpty }

    /// Messages of the handshake or frames, each with its length.
    static func pieces(of stream: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = stream[...]
        while rest.count >= 2 {
            let length = 2 + (Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1]))
            pieces.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return pieces
    }
}

extension SessionCore {
    var failure: (any Error)? {
        do {
            try rethrow()
            return nil
        } catch {
            return error
        }
    }
}
