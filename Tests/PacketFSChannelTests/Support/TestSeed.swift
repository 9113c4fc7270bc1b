import Crypto
import PacketFSChannel
import PacketFSSecrets
import PacketFSTestKit
import PacketFSWire

/// A seed in the open, for tests: `HMAC(seed, encoded ‖ 0x01)` written out independently of any vault.
struct TestSeed: SeedPRF {
    let bytes: [UInt8]

    init(_ byte: UInt8) {
        bytes = [UInt8](repeating: byte, count: 32)
    }

    func prf<P: KeyPurpose>(_ label: SeedLabel<P>, fields: [[UInt8]]) -> SecretKey<P> {
        var input = [UInt8(label.label.rawValue.utf8.count)] + label.label.rawValue.utf8
        for field in fields { input += [0, UInt8(field.count)] + field }
        let code = HMAC<SHA256>.authenticationCode(for: input + [1], using: SymmetricKey(data: bytes))
        return Array(code).span.bytes.withUnsafeBytes { SecretKey(copying: $0) }
    }
}

extension PartyID {
    static func numbered(_ number: UInt8) -> PartyID {
        PartyID(unchecked: [UInt8](repeating: number, count: 16))
    }
}

/// A generator whose whole output follows from its seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}

/// The two ends of one seed.
struct Pair {
    let initiator: PeerCredentials
    let responder: PeerCredentials

    init(
        seed: UInt8 = 7, responderSeed: UInt8? = nil, exchange: KeyExchange = .hybrid,
        responderExchange: KeyExchange? = nil
    ) {
        let alice = PartyID.numbered(1)
        let bob = PartyID.numbered(2)
        guard
            let initiator = PeerCredentials(own: alice, peer: bob, exchange: exchange, seed: TestSeed(seed)),
            let responder = PeerCredentials(
                own: bob, peer: alice, exchange: responderExchange ?? exchange, seed: TestSeed(responderSeed ?? seed))
        else { fatalError("the parties differ") }
        self.initiator = initiator
        self.responder = responder
    }
}

/// Both ends of an open session.
struct Session: ~Copyable {
    var initiator: SealedChannel
    var responder: SealedChannel

    init(
        _ suite: CipherSuite = .aes256gcm, exchange: KeyExchange = .classical, limits: ChannelLimits = .standard,
        padding: Padding = .none, seed: UInt64 = 1
    ) throws {
        let pair = Pair(exchange: exchange)
        var random = SeededGenerator(seed)
        let initiator = try HandshakeInitiator(credentials: pair.initiator, suite: suite, random: &random)
        let response = try HandshakeResponder.respond(
            to: initiator.message1, among: [pair.responder], random: &random)
        let start = Instant(nanoseconds: 0)
        self.initiator = try initiator.finish(response.message2).channel(now: start, limits: limits, padding: padding)
        responder = response.takeSecrets().channel(now: start, limits: limits, padding: padding)
    }

    consuming func takeInitiator() -> SealedChannel { initiator }
}

extension SealedChannel {
    /// One frame of this end, as it travels.
    mutating func sealed(
        _ plane: Plane = .data, type: UInt8 = 0, _ payload: [UInt8], at seconds: Double = 0
    ) throws -> [UInt8] {
        var output: [UInt8] = []
        try sealer.seal(
            Frame(plane: plane, type: type, payload: payload), now: Instant(nanoseconds: 0).adding(seconds: seconds),
            into: &output)
        return output
    }

    /// The frames that `bytes` hold.
    mutating func open(_ bytes: [UInt8], at seconds: Double = 0) throws -> [Frame] {
        let now = Instant(nanoseconds: 0).adding(seconds: seconds)
        var frames: [Frame] = []
        try opener.open(bytes, now: now) { frames.append($0) }
        return frames
    }
}
