import PacketFS
import PacketFSBlob
import PacketFSChannel
import PacketFSTestKit
import PacketFSWire

/// A peer that has the seed and keeps no rule: it says what a test makes it say to the home that takes in files, which
/// it has called, or which has called it.
final class Impostor {
    let pair: TestPair
    let victim: SessionCore
    private var channel: SealedChannel
    private let now = VirtualClock().now

    /// The victim asks for these paths, and this peer answers.
    init(_ pair: TestPair, askedFor sources: [String], into destination: String, options: SendOptions) throws {
        self.pair = pair
        var link = SimulatedLink()
        var random = SeededRandom(seed: 21)
        let now = now
        let channels = try SimulatedHandshake.run(
            pair.right.credentials(ofPeer: TestPair.peer), pair.left.credentials(ofPeer: TestPair.peer),
            suite: .aes256gcm, padding: .none, now: now, over: &link, random: &random)
        var asking: SessionCore?
        channel = try channels.keepResponder {
            asking = try pair.right.gettingEnd(
                sources.map { PeerPath(peer: TestPair.peer, path: $0) }, into: destination, options: options, over: $0,
                gate: CrashGate(), now: now)
        }
        guard let asking else { throw SimulatedHandshake.Lost() }
        victim = asking
    }

    /// `home`: whose seed it has, the left one's if `nil`; `name`: under which the victim knows it; `answerer`: the
    /// victim, the right home if `nil`.
    init(_ pair: TestPair, home: Home? = nil, name: String = TestPair.peer, answerer: Home? = nil) throws {
        self.pair = pair
        var link = SimulatedLink()
        var random = SeededRandom(seed: 21)
        let now = now
        let answerer = answerer ?? pair.right
        let channels = try SimulatedHandshake.run(
            (home ?? pair.left).credentials(ofPeer: TestPair.peer), answerer.credentials(ofPeer: name),
            suite: .aes256gcm, padding: .none, now: now, over: &link, random: &random)
        var answering: SessionCore?
        channel = try channels.keepInitiator {
            answering = try answerer.answeringEnd(peer: name, over: $0, gate: CrashGate(), now: now)
        }
        guard let answering else { throw SimulatedHandshake.Lost() }
        victim = answering
    }

    func say(_ plane: Plane, _ type: UInt8, _ payload: [UInt8]) throws {
        var output: [UInt8] = []
        try channel.sealer.seal(
            Frame(plane: plane, type: type, payload: payload), now: now, into: &output)
        _ = victim.received(output.span.bytes, now: now)
    }

    func say(_ message: ControlMessage) throws {
        for (type, payload) in try message.encode() { try say(.control, type, payload) }
    }

    func say(_ record: DataRecord) throws {
        try say(.data, 0, record.encode())
    }

    /// A leaf of literals with its right tag.
    func leaf(_ id: LeafID, _ bytes: [UInt8]) -> LeafBlueprint {
        let key = channel.integrity.key(for: Self.transfer)
        return LeafBlueprint(
            descriptors: [.literal(length: bytes.count)], coding: .raw, literals: bytes,
            tag: bytes.withUnsafeBytes { key.tag(leaf: id, bytes: $0) })
    }

    /// Sends a tree whole, of leaves of literals: its manifest, then the contents of its files one after another.
    func say(_ manifest: Manifest, _ content: [UInt8]) throws {
        let encoded = try manifest.encode()
        try say(.opening(Self.transfer, manifest: UInt64(encoded.count), content: UInt64(content.count)))
        try say(.leaf(LeafID(.manifest, 0), leaf(LeafID(.manifest, 0), encoded)))
        try say(.origins(manifest.entries.filter { $0.kind == .file }.map { _ in .sent }))
        if !content.isEmpty { try say(.leaf(LeafID(.content, 0), leaf(LeafID(.content, 0), content))) }
    }

    /// What the victim said on the control plane since the last call.
    func heard() throws -> [ControlMessage] {
        var messages: [ControlMessage] = []
        var said: [UInt8] = []
        repeat { said += victim.said(now: now) } while victim.wantsToWork
        said += victim.said(now: now)
        try channel.opener.open(said, now: now) { frame in
            guard frame.plane == .control else { return }
            messages.append(try ControlMessage.decode(type: frame.type, payload: frame.payload))
        }
        return messages
    }

    /// An offer that an empty replica can take.
    func offer(
        to destination: String, transfer: TransferID = Impostor.transfer, log: LogID = Impostor.log,
        believing extents: [Extent] = []
    ) throws -> Offer {
        let holdings = try Holdings(log: log, extents: extents)
        return Offer(
            transfer: transfer, destination: destination, options: TransferOptions(), log: log,
            holdingsDigest: holdings.digest)
    }

    static let transfer = TransferID(unchecked: [UInt8](repeating: 7, count: 16))
    static let log = LogID(unchecked: [UInt8](repeating: 9, count: 16))
}
