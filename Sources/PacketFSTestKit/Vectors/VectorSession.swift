package import PacketFSChannel
package import PacketFSSecrets
import PacketFSWire

/// Gives the bytes that it was made of, one after another, then zeros: what two ends drew in a vector.
package struct Replay: RandomNumberGenerator, Sendable {
    private var bytes: ArraySlice<UInt8>

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes[...]
    }

    package mutating func next() -> UInt64 {
        defer { bytes = bytes.dropFirst(8) }
        return bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// A seed in the open, for vectors.
package struct VectorSeed: SeedPRF, Sendable {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package func prf<P: KeyPurpose>(_ label: SeedLabel<P>, fields: [[UInt8]]) -> SecretKey<P> {
        let input = label.label.encoded(fields) + [1]
        return bytes.span.bytes.withUnsafeBytes { key in
            input.span.bytes.withUnsafeBytes { SecretHMAC.code(of: [$0], key: key) }
        }
    }
}

/// Everything that two ends put into a session, so that whoever knows it can be both.
package struct VectorInputs: Codable, Equatable, Sendable {
    package var suite: UInt8
    package var exchange: String
    package var seed: Hex
    package var initiator: Hex
    package var responder: Hex
    package var saltI: Hex
    package var x25519I: Hex
    /// Empty without ML-KEM.
    package var mlkemSeed: Hex
    package var saltR: Hex
    package var x25519R: Hex

    enum CodingKeys: String, CodingKey {
        case suite, exchange, seed, initiator, responder
        case saltI = "salt_i"
        case x25519I = "x25519_i"
        case mlkemSeed = "mlkem_seed"
        case saltR = "salt_r"
        case x25519R = "x25519_r"
    }

    package init(
        suite: UInt8, exchange: String, seed: Hex, initiator: Hex, responder: Hex, saltI: Hex, x25519I: Hex,
        mlkemSeed: Hex, saltR: Hex, x25519R: Hex
    ) {
        self.suite = suite
        self.exchange = exchange
        self.seed = seed
        self.initiator = initiator
        self.responder = responder
        self.saltI = saltI
        self.x25519I = x25519I
        self.mlkemSeed = mlkemSeed
        self.saltR = saltR
        self.x25519R = x25519R
    }

    package var cipherSuite: CipherSuite { CipherSuite(rawValue: suite) ?? .aes256gcm }

    /// `initiates`: of the end that opens the connection, else of the other one.
    package func credentials(initiates: Bool) -> PeerCredentials {
        let own = PartyID(unchecked: initiates ? initiator.bytes : responder.bytes)
        let peer = PartyID(unchecked: initiates ? responder.bytes : initiator.bytes)
        let exchange: KeyExchange = self.exchange == "hybrid" ? .hybrid : .classical
        guard let found = PeerCredentials(own: own, peer: peer, exchange: exchange, seed: VectorSeed(seed.bytes)) else {
            fatalError("a vector's parties differ")
        }
        return found
    }

    package func handshakeInitiator() throws(ChannelError) -> HandshakeInitiator {
        var random = Replay(saltI.bytes + mlkemSeed.bytes + x25519I.bytes)
        return try HandshakeInitiator(
            credentials: credentials(initiates: true), suite: cipherSuite, random: &random)
    }

    package func response(to message1: [UInt8]) throws(ChannelError) -> HandshakeResponse {
        var random = Replay(x25519R.bytes + saltR.bytes)
        return try HandshakeResponder.respond(
            to: message1, among: [credentials(initiates: false)], random: &random)
    }
}

/// Both ends of the session of a vector without ML-KEM, whose answer would not be the same twice.
package struct VectorSession: ~Copyable {
    package var initiator: SealedChannel
    package var responder: SealedChannel

    package init(
        _ inputs: VectorInputs, limits: ChannelLimits = .standard, padding: Padding = .none
    ) throws(ChannelError) {
        let caller = try inputs.handshakeInitiator()
        let response = try inputs.response(to: caller.message1)
        let start = Instant(nanoseconds: 0)
        initiator = try caller.finish(response.message2).channel(now: start, limits: limits, padding: padding)
        responder = response.takeSecrets().channel(now: start, limits: limits, padding: padding)
    }

    /// For a caller that needs one end alone.
    package consuming func channel(of role: Role) -> SealedChannel {
        switch role {
        case .initiator: initiator
        case .responder: responder
        }
    }
}
