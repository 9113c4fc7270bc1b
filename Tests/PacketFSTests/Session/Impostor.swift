import PacketFSBlob
import PacketFSChannel
import PacketFSTestKit
import PacketFSWire

@testable import PacketFS

/// A peer that has the seed and keeps no rule: it says what a test makes it say to a home that it has called, or that has
/// called it.
final class Impostor {
    let pair: TestPair
    let victim: SessionCore
    private var channel: SealedChannel
    private let now = VirtualClock().now
    /// Sealed, and not said yet.
    private var unsaid: [UInt8] = []
    /// Said by the victim, and not looked at yet.
    private var unheard: [UInt8] = []

    /// `home`: whose seed it has, the left one's if `nil`; `name`: under which the victim knows it; `victim`: the right
    /// one, which takes in files, if `nil`.
    convenience init(
        _ pair: TestPair, home: Home? = nil, name: String = TestPair.peer, victim: Home? = nil
    ) throws {
        let victim = victim ?? pair.right
        try self.init(pair, of: home ?? pair.left, against: victim, name) { channel, now in
            try victim.answeringEnd(peer: name, over: channel, gate: CrashGate(), now: now)
        }
    }

    /// Against a responder that does this when it has heard a first frame, and a first message.
    convenience init(
        _ pair: TestPair, proved: @escaping () throws -> Void,
        dispatch: @escaping SessionCore.Dispatch = { _, _ in throw AbortReason.malformed }
    ) throws {
        let credentials = try pair.right.credentials(ofPeer: TestPair.peer)
        try self.init(pair, of: pair.left, against: pair.right, TestPair.peer) { channel, now in
            try SessionCore(
                opened: OpenedChannel(channel: channel, sent: 0, received: 0, started: now),
                covering: Covering(home: pair.right, credentials: credentials, role: .responder), proved: proved,
                dispatch: dispatch, now: now, report: { _ in })
        }
    }

    private init(
        _ pair: TestPair, of home: Home, against victim: Home, _ name: String,
        _ answer: (consuming SealedChannel, Instant) throws -> SessionCore
    ) throws {
        self.pair = pair
        var link = SimulatedLink()
        var random = SeededRandom(seed: 21)
        let now = now
        let channels = try SimulatedHandshake.run(
            home.credentials(ofPeer: TestPair.peer), victim.credentials(ofPeer: name),
            suite: .aes256gcm, padding: .none, now: now, over: &link, random: &random)
        var answering: SessionCore?
        channel = try channels.keepInitiator {
            answering = try answer($0, now)
        }
        guard let answering else { throw SimulatedHandshake.Lost() }
        self.victim = answering
    }

    /// The victim, the right home, asks for these paths, and this peer answers.
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
        // It asks once its first word is out.
        for _ in 0..<2 { unheard += victim.said(now: now) }
    }

    var sessionID: [UInt8] { channel.integrity.sessionID }

    func say(_ plane: Plane, _ type: UInt8, _ payload: [UInt8]) throws {
        try prepare(plane, type, payload)
        // What it does not take yet it takes once it has done what was said before.
        while sayPrepared() > 0, victim.wantsToWork { unheard += victim.said(now: now) }
    }

    /// Seals a frame, to be said with others at once.
    func prepare(_ plane: Plane, _ type: UInt8, _ payload: [UInt8]) throws {
        try channel.sealer.seal(Frame(plane: plane, type: type, payload: payload), now: now, into: &unsaid)
    }

    /// Says what is no frame of any channel.
    func sayGarbage() {
        _ = victim.received(ContiguousArray<UInt8>([0, 64] + [UInt8](repeating: 1, count: 64)).span.bytes, now: now)
    }

    /// Says what was prepared. Returns how many bytes the victim left for later.
    func sayPrepared() -> Int {
        unsaid.removeFirst(victim.received(unsaid.span.bytes, now: now).taken)
        return unsaid.count
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

    /// Bytes that the victim has to say now.
    func output() -> [UInt8] {
        defer { unheard = [] }
        return unheard + victim.said(now: now)
    }

    /// What the victim said on the control plane since the last call.
    func heard() throws -> [ControlMessage] {
        var messages: [ControlMessage] = []
        var said: [UInt8] = []
        repeat { said += output() } while victim.wantsToWork
        said += output()
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
