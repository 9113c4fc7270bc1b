import PacketFSSecrets
import PacketFSTestKit
import PacketFSWire

@testable import PacketFSChannel

extension Target {
    /// What comes from anybody who can reach us.
    static let channel = [frames, plaintext, handshake, answer, encapsulationKey]

    private static let now = Instant(nanoseconds: 1)

    /// Bytes of a stream of frames, in two chunks: garbage, and what is sealed with our own keys.
    private static let frames = Target(name: "frames") { bytes in
        var script = Script(bytes)
        var ends = Ends()
        while !script.isAtEnd {
            let isSealed = script.byte() & 1 == 1
            var stream = script.piece()
            if isSealed { stream = try ends.sealed(stream) }
            try ends.channel.opener.open(stream, now: now) { frame in
                promise(isSealed, "what nobody sealed does not open")
                promise(frame.payload.count <= Limits.payload, "a payload is bounded")
            }
        }
    } seeds: {
        examples(16) { random in
            let piece = Script.piece([UInt8(random.draw(0...3)), 0, 0] + random.bytes(random.draw(0...300)))
            return [[1] + piece + [1] + piece, [0] + Script.piece(random.bytes(80))]
        }
    }

    /// What an authentic frame may hold.
    private static let plaintext = Target(name: "plaintext") { bytes in
        guard let frame = OpenedFrame(bytes) else { return }
        promise(frame.payload.count <= bytes.count - Limits.frameHeader, "a payload lies in its frame")
    } seeds: {
        examples(16) { random in
            let payload = random.bytes(random.draw(0...200))
            let header: [UInt8] = [UInt8(random.draw(0...3)), 0, UInt8(random.draw(0...1)), 0, UInt8(payload.count)]
            return [header + payload + [UInt8](repeating: 0, count: random.draw(0...40))]
        }
    }

    /// A first message under a tag that is right if the first byte says so.
    private static let handshake = Target(name: "handshake") { bytes in
        var script = Script(bytes)
        let isTagged = script.byte() & 1 == 1
        var stream = script.all()
        if isTagged, stream.count >= 68 {
            let tag: SecretKey<IdentityKey> = Ends.caller.ownIdentity.hmac(of: Array(stream[4..<36]))
            stream.replaceSubrange(36..<68, with: tag.withUnsafeBytes { Array($0) })
        }
        var reader = HandshakeReader(for: .responder)
        for start in stride(from: 0, to: stream.count, by: 700) {
            let chunk = Array(stream[start..<min(start + 700, stream.count)])
            guard let (message, _) = try chunk.withUnsafeBytes({ try reader.receive($0) }) else { continue }
            var random = SeededRandom(seed: 1)
            _ = try HandshakeResponder.respond(to: message, among: [Ends.answerer], random: &random).peer
            return
        }
    } seeds: {
        examples(8) { random in
            let call = try HandshakeInitiator(
                credentials: Ends.caller, suite: random.oneIn(2) ? .aes256gcm : .xchacha20poly1305, random: &random)
            return [[0] + HandshakeReader.framed(call.message1), [1] + HandshakeReader.framed(call.message1)]
        }
    }

    /// What message 2 says once it is opened.
    private static let answer = Target(name: "answer") { bytes in
        guard let answer = HandshakeAnswer(Array(bytes)) else { return }
        promise(answer.encoded == Array(bytes), "an answer stays itself")
        _ = try Ends.encapsulation.decapsulate(answer.ciphertext)
    } seeds: {
        examples(4) { random in
            let ciphertext = try Encapsulation(to: Ends.encapsulation.publicKey, exchange: .hybrid).ciphertext
            return [HandshakeAnswer(salt: random.bytes(32), suite: .aes256gcm, ciphertext: ciphertext).encoded]
        }
    }

    /// The ML-KEM key that message 1 brings.
    private static let encapsulationKey = Target(name: "encapsulation-key") { bytes in
        _ = try Encapsulation(to: Array(bytes), exchange: .hybrid).ciphertext
    } seeds: {
        examples(4) { random in [try EncapsulationKeys(for: .hybrid, random: &random).publicKey] }
    }
}

/// Both ends of a session whose keys never change, so that a run can be repeated.
private struct Ends: ~Copyable {
    static let caller = credentials(1, 2)
    static let answerer = credentials(2, 1)
    /// The caller's.
    static let encapsulation: EncapsulationKeys = {
        var random = SeededRandom(seed: 3)
        guard let keys = try? EncapsulationKeys(for: .hybrid, random: &random) else {
            preconditionFailure("a key pair can be made")
        }
        return keys
    }()

    /// The receiving end of the initiator's frames.
    var channel: SealedChannel
    private var sealer: FrameSealer

    init() {
        let now = Instant(nanoseconds: 1)
        let context = SessionContext(suite: .aes256gcm, sessionID: [UInt8](repeating: 3, count: 16))
        let bytes = [UInt8](repeating: 5, count: 32)
        let master: SecretKey<MasterSecret> = bytes.span.bytes.withUnsafeBytes { SecretKey(copying: $0) }
        sealer = FrameSealer(
            keys: DirectionKeys(master, context, direction: .fromInitiator), limits: .standard, padding: .none, now: now
        )
        channel = SealedChannel(
            sealer: FrameSealer(
                keys: DirectionKeys(master, context, direction: .fromResponder), limits: .standard, padding: .none,
                now: now),
            opener: FrameOpener(
                keys: DirectionKeys(master, context, direction: .fromInitiator), limits: .standard, now: now),
            integrity: SessionIntegrity(master, context))
    }

    /// Plane, type and flags, then a payload, sealed as they are.
    mutating func sealed(_ bytes: [UInt8]) throws -> [UInt8] {
        var output: [UInt8] = []
        let head = bytes.prefix(3) + [UInt8](repeating: 0, count: max(0, 3 - bytes.count))
        let payload = Array(bytes.dropFirst(3).prefix(Limits.payload))
        try payload.withUnsafeBytes {
            try sealer.seal(
                plane: head[0], type: head[1], flags: head[2] & ~1, payload: $0,
                length: FrameLayout.overhead + payload.count, now: Instant(nanoseconds: 1), into: &output)
        }
        return output
    }

    private static func credentials(_ own: UInt8, _ peer: UInt8) -> PeerCredentials {
        let party = { PartyID(unchecked: [UInt8](repeating: $0, count: 16)) }
        guard let made = PeerCredentials(own: party(own), peer: party(peer), seed: FixedSeed()) else {
            preconditionFailure("two parties have credentials")
        }
        return made
    }
}

/// The seed of nobody.
private struct FixedSeed: SeedPRF {
    func prf<P: KeyPurpose>(_ label: SeedLabel<P>, fields: [[UInt8]]) -> SecretKey<P> {
        let bytes = [UInt8](repeating: 1, count: 32)
        let key: SecretKey<Seed> = bytes.span.bytes.withUnsafeBytes { SecretKey(copying: $0) }
        return key.hmac(of: label.label.encoded(fields) + [1])
    }
}
