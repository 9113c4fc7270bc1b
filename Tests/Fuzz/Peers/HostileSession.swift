import PacketFS
import PacketFSBlob
import PacketFSChannel
import PacketFSTestKit
import PacketFSWire

/// A session of which a script plays one end.
final class HostileSession {
    private static let transfer = TransferID(unchecked: [UInt8](repeating: 7, count: 16))
    private static let log = LogID(unchecked: [UInt8](repeating: 9, count: 16))

    private let pair: TestPair
    let victim: SessionCore
    var channel: SealedChannel
    private(set) var clock = VirtualClock()
    private var leaves: [StreamKind: UInt64] = [:]
    /// Of the data plane, said so far.
    private var bytes: UInt64 = 0
    private var frames: UInt64 = 0
    /// The victim's latest offer, and the runs of literals that it says are learned.
    var offered: Offer?
    var learned: [(address: UInt64, bytes: [UInt8])] = []
    var records = RecordReader()

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
            listen()
        }
    }

    private func act(_ script: inout Script) throws {
        let kind = script.byte()
        switch kind {
        case 0: try say(script.byte() & 3, script.byte(), script.piece())
        case 1: try say(.offer(offer(to: path(&script))))
        case 2:
            leaves = [:]
            let (manifest, content) = (script.number(), script.number())
            try say(.opening(Self.transfer, manifest: UInt64(manifest), content: UInt64(content)))
        case 3: try leaf(script.byte() & 1 == 0 ? .manifest : .content, isWrong: script.byte() & 1 == 1, script.piece())
        case 4: try say(.origins([.sent]))
        case 5: try say(.end(bytes: bytes, frames: frames))
        case 6: for _ in 0..<4 { listen() }
        case 7: try say(.request(request(&script)))
        case 8...11: if let answer = answer(kind, &script) { try say(answer) }
        default:
            clock.advance(seconds: Double(script.byte()))
            victim.tick(now: clock.now)
        }
    }

    /// In order, and heard by both.
    var isComplete: Bool { victim.failure == nil && victim.peerHasEnded && victim.hasEnded }

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
            output.removeFirst(victim.received(output.span.bytes, now: clock.now).taken)
            // What it did not take waits for room.
            if !output.isEmpty { listen() }
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

    func path(_ script: inout Script) -> String {
        String(decoding: script.piece(), as: UTF8.self).replacing(Theatre.mark, with: pair.folder)
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
