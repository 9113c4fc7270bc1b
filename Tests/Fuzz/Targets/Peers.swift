import PacketFS
import PacketFSBlob
import PacketFSChannel
import PacketFSTestKit
import PacketFSWire

extension Target {
    /// Whole ends of a session, told things by a peer that holds the seed and keeps no rule.
    static let peers = [receiver, sender]

    /// The end that takes in files. Nothing may come to stand outside of the folder that the peer may write to.
    private static let receiver = Target(name: "receiver") { bytes in
        try Theatre.one.play(Script(bytes), against: .put)
    } seeds: {
        let opening = try Self.opening("a"), leaves = try Self.leaves("a")
        let whole = opening + leaves + [5]
        let named = examples(24) { random in
            let (type, payload) = try random.controlMessage(items: 5).encode()[0]
            return [
                [1, 0, 0, 0, type] + Script.piece(payload), opening + [0, 0, type] + Script.piece(payload) + leaves,
            ]
        }
        let ways = [
            ("..", "x"), ("../outbox", "secret"), ("", "../x"), ("", "../outbox/secret"), ("a/../..", "x"),
        ]
        let escapes = try ways.map { try Self.opening($1, to: $0) + Self.leaves($1) + [5] }
        return [whole, opening, opening + leaves + [6, 7]] + named + escapes
    }

    /// Acts that offer one file of five bytes, and those that send it.
    private static func opening(_ name: String, to destination: String = "") throws -> [UInt8] {
        let size = try HostileSession.manifest(name).count
        return [1, UInt8(destination.utf8.count)] + destination.utf8 + [2, UInt8(size >> 8), UInt8(size & 0xff), 0, 5]
    }

    private static func leaves(_ name: String) throws -> [UInt8] {
        try [3, 0, 0] + Script.piece(HostileSession.manifest(name)) + [4, 3, 1, 0] + Script.piece([1, 2, 3, 4, 5])
    }

    /// The end that hands out files, to a peer that asks for them.
    private static let sender = Target(name: "sender") { bytes in
        try Theatre.one.play(Script(bytes), against: .get)
    } seeds: {
        examples(24) { random in
            let (type, payload) = try random.controlMessage(items: 5).encode()[0]
            let (kind, repair) = try random.repairMessage().encode()[0]
            return [
                [7, 0, 0, type] + Script.piece(payload), [7, 6, 0, 2, kind] + Script.piece(repair),
                [7, 6, 6, 5],
            ]
        }
    }
}

/// Two homes that every run uses, made anew now and then, so that what they hold stays little.
private final class Theatre {
    private static let runs = 512
    /// What may only be read.
    private static let secrets = Tree(["secret": .file([9, 9, 9], mode: 0o600, modified: 0)])

    /// Used by the one thread that fuzzes.
    nonisolated(unsafe) static let one = Theatre()

    private let pair: TestPair
    /// What stands beside the folder that a peer may write to.
    private let names: [String]
    private var count = 0

    private init() {
        guard let pair = try? TestPair(), (try? pair.keep()) != nil else { preconditionFailure("homes can be made") }
        self.pair = pair
        names = pair.names
        Self.secrets.write(to: pair.outbox)
    }

    /// However the script ends, what it left is looked at.
    func play(_ script: Script, against verb: Verb) throws {
        guard let session = try? HostileSession(pair, verb: verb) else { preconditionFailure("a session can begin") }
        defer { finish(session) }
        try session.perform(script)
    }

    private func finish(_ session: HostileSession) {
        session.end()
        promise(pair.names == names, "nobody leaves the folder that may be written to")
        let isUntouched = Tree(at: pair.outbox) == Self.secrets && Tree.leftovers(at: pair.outbox).isEmpty
        promise(isUntouched, "nobody changes what may only be read")
        count += 1
        guard count % Self.runs == 0 else { return }
        guard (try? pair.restore()) != nil else { preconditionFailure("homes can be restored") }
        Self.secrets.write(to: pair.outbox)
    }
}

/// A session of which a script plays one end.
private final class HostileSession {
    private static let transfer = TransferID(unchecked: [UInt8](repeating: 7, count: 16))
    private static let log = LogID(unchecked: [UInt8](repeating: 9, count: 16))

    private let pair: TestPair
    private let victim: SessionCore
    private var channel: SealedChannel
    private var clock = VirtualClock()
    private var leaves: [StreamKind: UInt64] = [:]
    /// Of the data plane, said so far.
    private var bytes: UInt64 = 0
    private var frames: UInt64 = 0

    init(_ pair: TestPair, verb: Verb) throws {
        self.pair = pair
        let (ours, theirs) = verb == .put ? (pair.left, pair.right) : (pair.right, pair.left)
        var link = SimulatedLink()
        var random = SeededRandom(seed: 21)
        let now = clock.now
        let channels = try SimulatedHandshake.run(
            ours.credentials(ofPeer: TestPair.peer), theirs.credentials(ofPeer: TestPair.peer), suite: .aes256gcm,
            padding: .none, now: now, over: &link, random: &random)
        var answering: SessionCore?
        channel = try channels.keepInitiator {
            answering = try theirs.answeringEnd(peer: TestPair.peer, over: $0, gate: CrashGate(), now: now)
        }
        guard let answering else { throw SimulatedHandshake.Lost() }
        victim = answering
    }

    /// Of one file with five bytes. A name that no manifest has takes the place of one that is as long.
    static func manifest(_ name: String) throws -> [UInt8] {
        if let manifest = try? Manifest(entries: [entry(name, size: 5)]).encode() { return manifest }
        let stand = String(repeating: "~", count: name.utf8.count)
        let manifest = try Manifest(entries: [entry(stand, size: 5)]).encode()
        return manifest.replacing(Array(stand.utf8), with: Array(name.utf8))
    }

    private static func entry(_ name: String, size: UInt64) -> ManifestEntry {
        ManifestEntry(
            path: Array(name.utf8), kind: .file, mode: 0o644, modified: FileTime(seconds: 7, nanoseconds: 0), owner: 0,
            group: 0, size: size)
    }

    /// One act after another, until the victim has enough.
    func perform(_ script: Script) throws {
        var script = script
        while !script.isAtEnd, victim.failure == nil {
            try act(&script)
            _ = victim.produce(now: clock.now)
        }
    }

    private func act(_ script: inout Script) throws {
        switch script.byte() {
        case 0: try say(script.byte() & 3, script.byte(), script.piece())
        case 1: try say(.offer(offer(to: String(decoding: script.bytes(Int(script.byte())), as: UTF8.self))))
        case 2:
            let (manifest, content) = (script.number(), script.number())
            try say(.opening(Self.transfer, manifest: UInt64(manifest), content: UInt64(content)))
        case 3: try leaf(script.byte() & 1 == 0 ? .manifest : .content, isWrong: script.byte() & 1 == 1, script.piece())
        case 4: try say(.origins([.sent]))
        case 5: try say(.end(bytes: bytes, frames: frames))
        case 6: for _ in 0..<4 { _ = victim.produce(now: clock.now) }
        case 7:
            try say(.request(Request(sources: [pair.outbox + "/"], options: TransferOptions(), destination: "/x")))
        default:
            clock.advance(seconds: Double(script.byte()))
            victim.tick(now: clock.now)
        }
    }

    func end() {
        if victim.failure == nil, !victim.peerHasEnded { victim.abandon() }
    }

    private func say(_ plane: UInt8, _ type: UInt8, _ payload: [UInt8]) throws {
        guard let plane = Plane(rawValue: plane) else { return }
        var output: [UInt8] = []
        let frame = Frame(plane: plane, type: type, payload: Array(payload.prefix(Limits.payload)))
        if plane == .data {
            bytes += UInt64(frame.payload.count)
            frames += 1
        }
        try channel.sealer.seal(frame, now: clock.now, into: &output)
        while !output.isEmpty {
            output.removeFirst(victim.received(output.span.bytes, now: clock.now))
            // What it did not take waits for room.
            if !output.isEmpty { _ = victim.produce(now: clock.now) }
        }
    }

    private func say(_ message: ControlMessage) throws {
        for (type, payload) in try message.encode() { try say(Plane.control.rawValue, type, payload) }
    }

    private func say(_ record: DataRecord) throws {
        try say(Plane.data.rawValue, 0, record.encode())
    }

    /// The stream's next leaf, of literals.
    private func leaf(_ stream: StreamKind, isWrong: Bool, _ bytes: [UInt8]) throws {
        guard !bytes.isEmpty else { return }
        let id = LeafID(stream, leaves[stream, default: 0])
        leaves[stream, default: 0] += 1
        var tag = bytes.withUnsafeBytes { channel.integrity.key(for: Self.transfer).tag(leaf: id, bytes: $0) }
        if isWrong { tag[0] ^= 1 }
        let blueprint = LeafBlueprint(
            descriptors: [.literal(length: bytes.count)], coding: .raw, literals: bytes, tag: tag)
        try say(.leaf(id, blueprint))
    }

    private func offer(to destination: String) throws -> Offer {
        Offer(
            transfer: Self.transfer, destination: destination, options: TransferOptions(), log: Self.log,
            holdingsDigest: try Holdings(log: Self.log, extents: []).digest)
    }
}

extension SessionCore {
    /// What ended the session.
    fileprivate var failure: (any Error)? {
        do {
            try rethrow()
            return nil
        } catch {
            return error
        }
    }
}
