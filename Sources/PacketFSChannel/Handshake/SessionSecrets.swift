internal import Crypto
internal import PacketFSSecrets
package import PacketFSWire

/// The secret of one session, from which all of its keys come (`Specs/handshake.md` §6).
enum MasterSecret: KeyPurpose {}

/// What a finished handshake is consumed into, and what a channel consumes.
package struct SessionSecrets: ~Copyable, Sendable {
    /// Names the session; no secret, but known to nobody else.
    package let sessionID: [UInt8]
    package let suite: CipherSuite
    package let role: Role
    private let master: SecretKey<MasterSecret>

    static let sessionIDSize = 16

    /// master = HKDF-Extract(salt: h after message 2, ikm: k1 ‖ k2 ‖ ML-KEM secret).
    init(role: Role, suite: CipherSuite, noise: consuming NoiseSplit, encapsulated: SymmetricKey?) {
        self.role = role
        self.suite = suite
        master = Self.master(noise, encapsulated)
        sessionID = KeyDerivation.withExpanded(
            master, info: KeyLabel.session.encoded([[protocolVersion], [suite.rawValue]]), count: Self.sessionIDSize
        ) { Array($0) }
    }

    private static func master(
        _ noise: borrowing NoiseSplit, _ encapsulated: SymmetricKey?
    ) -> SecretKey<MasterSecret> {
        let size = 32
        return SecretBytes.withTemporary(encapsulated == nil ? 2 * size : 3 * size) { material in
            noise.fromInitiator.withKey { material.copyBytes(from: $0) }
            noise.fromResponder.withKey {
                UnsafeMutableRawBufferPointer(rebasing: material[size...]).copyBytes(from: $0)
            }
            encapsulated?.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: material[(2 * size)...]).copyBytes(from: $0)
            }
            return noise.hash.span.bytes.withUnsafeBytes {
                KeyDerivation.extract(salt: $0, material: UnsafeRawBufferPointer(material))
            }
        }
    }

    /// The session's frames, both ways. The master secret is gone afterwards.
    package consuming func channel(
        now: Instant, limits: ChannelLimits = .standard, padding: Padding = .padme
    ) -> SealedChannel {
        let context = SessionContext(suite: suite, sessionID: sessionID)
        var limits = limits
        if role == .initiator { limits.session -= limits.lead }
        return SealedChannel(
            sealer: FrameSealer(
                keys: DirectionKeys(master, context, direction: .sent(by: role)), limits: limits, padding: padding,
                now: now),
            opener: FrameOpener(
                keys: DirectionKeys(master, context, direction: .received(by: role)), limits: limits, now: now),
            integrity: SessionIntegrity(master, context))
    }
}

/// What stays the same for all frames of a session.
struct SessionContext: Sendable {
    let suite: CipherSuite
    let sessionID: [UInt8]

    /// The fields that every key below the master is bound to.
    var fields: [[UInt8]] {
        [[protocolVersion], [suite.rawValue], sessionID]
    }
}
