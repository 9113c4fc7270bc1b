import PacketFS
import PacketFSBlob
import PacketFSChannel
import PacketFSTestKit
import PacketFSWire

/// A peer that has the seed and keeps no rule: it says what a test makes it say to the home that takes in files.
final class Impostor {
    let pair: TestPair
    let victim: SessionCore
    private var channel: SealedChannel
    private let now = VirtualClock().now

    /// `home`: whose seed it has, the left one's if `nil`; `name`: under which the victim knows it.
    init(_ pair: TestPair, home: Home? = nil, name: String = TestPair.peer) throws {
        self.pair = pair
        var link = SimulatedLink()
        var random = SeededRandom(seed: 21)
        let now = now
        let channels = try SimulatedHandshake.run(
            (home ?? pair.left).credentials(ofPeer: TestPair.peer), pair.right.credentials(ofPeer: name),
            suite: .aes256gcm, padding: .none, now: now, over: &link, random: &random)
        var answering: SessionCore?
        channel = try channels.keepInitiator {
            answering = try pair.right.answeringEnd(peer: name, over: $0, gate: CrashGate(), now: now)
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

    /// What the victim said on the control plane since the last call.
    func heard() throws -> [ControlMessage] {
        var messages: [ControlMessage] = []
        try channel.opener.open(victim.said(now: now), now: now) { frame in
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
