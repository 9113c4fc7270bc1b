import Crypto
import PacketFSSecrets
import PacketFSWire
import Testing

@testable import PacketFSChannel

/// The key schedule of `Specs/handshake.md`, written out a second time from HKDF and AES-GCM alone.
@Suite("Key schedule")
struct KeyScheduleTests {
    private static let k1 = [UInt8](repeating: 1, count: 32)
    private static let k2 = [UInt8](repeating: 2, count: 32)
    private static let mlkem = [UInt8](repeating: 3, count: 32)
    private static let hash = [UInt8](repeating: 4, count: 32)

    private func secrets(
        k1: [UInt8] = k1, k2: [UInt8] = k2, mlkem: [UInt8]? = mlkem, hash: [UInt8] = hash,
        suite: CipherSuite = .aes256gcm, role: Role = .initiator
    ) -> SessionSecrets {
        func state(_ bytes: [UInt8]) -> CipherState {
            CipherState(
                cipher: suite.noiseCipher, key: bytes.span.bytes.withUnsafeBytes { SecretKey(copying: $0) })
        }
        return SessionSecrets(
            role: role, suite: suite,
            noise: NoiseSplit(fromInitiator: state(k1), fromResponder: state(k2), hash: hash),
            encapsulated: mlkem.map { SymmetricKey(data: $0) })
    }

    private func sessionID(_ secrets: consuming SessionSecrets) -> [UInt8] { secrets.sessionID }

    /// Length-prefixed fields behind a length-prefixed label.
    private func info(_ label: String, _ fields: [UInt8]...) -> [UInt8] {
        fields.reduce([UInt8(label.utf8.count)] + Array(label.utf8)) { $0 + [0, UInt8($1.count)] + $1 }
    }

    private func expand(_ key: [UInt8], _ info: [UInt8], _ count: Int = 32) -> [UInt8] {
        HKDF<SHA256>.expand(pseudoRandomKey: key, info: info, outputByteCount: count).withUnsafeBytes { Array($0) }
    }

    private var master: [UInt8] {
        Array(
            HMAC<SHA256>.authenticationCode(
                for: Self.k1 + Self.k2 + Self.mlkem, using: SymmetricKey(data: Self.hash)))
    }

    @Test
    func `the session id comes from the master secret`() {
        let expected = expand(master, info("packetfs/1 session", [1], [1]), 16)
        #expect(sessionID(secrets()) == expected)
    }

    @Test
    func `every input of the master secret changes the session`() {
        let other = [UInt8](repeating: 9, count: 32)
        let sessions = [
            sessionID(secrets()), sessionID(secrets(k1: other)), sessionID(secrets(k2: other)),
            sessionID(secrets(mlkem: other)), sessionID(secrets(mlkem: nil)), sessionID(secrets(hash: other)),
            sessionID(secrets(suite: .xchacha20poly1305)), sessionID(secrets(k1: Self.k2, k2: Self.k1)),
        ]
        #expect(Set(sessions).count == sessions.count)
    }

    @Test
    func `frames of two epochs are those of the specification`() throws {
        let session = expand(master, info("packetfs/1 session", [1], [1]), 16)
        var limits = ChannelLimits()
        limits.frames = 1
        var channel = secrets(role: .responder).channel(
            now: Instant(nanoseconds: 0), limits: limits, padding: .none)
        var traffic = expand(master, info("packetfs/1 traffic", [1], [1], session, [1], [0, 0, 0, 0]))
        for sequence in UInt8(0)..<3 {
            let epoch: [UInt8] = [0, 0, 0, sequence]
            if sequence > 0 {
                traffic = expand(traffic, info("packetfs/1 next epoch", [1], [1], session, [1], epoch))
            }
            let key = expand(traffic, info("packetfs/1 key", [1], [1], session, [1], epoch))
            var nonce = expand(traffic, info("packetfs/1 iv", [1], [1], session, [1], epoch), 12)
            nonce[11] ^= sequence
            let data = [1] + session + [1] + epoch + [0, 0, 0, 0, 0, 0, 0, sequence] + [0, 24]
            let box = try AES.GCM.seal(
                [0, 7, 1, 0, 3, 9, 8, 7] as [UInt8], using: SymmetricKey(data: key), nonce: .init(data: nonce),
                authenticating: data)
            #expect(try channel.sealed(.control, type: 7, [9, 8, 7]) == [0, 24] + box.ciphertext + box.tag)
        }
    }

    @Test
    func `XChaCha20 nonces are the prefix and the sequence number`() throws {
        let session = expand(master, info("packetfs/1 session", [1], [2]), 16)
        var channel = secrets(suite: .xchacha20poly1305).channel(now: Instant(nanoseconds: 0), padding: .none)
        let fields = [[1], [2], session, [0], [0, 0, 0, 0]] as [[UInt8]]
        let traffic = expand(master, KeyLabel.traffic.encoded(fields))
        let key = expand(traffic, KeyLabel.frameKey.encoded(fields))
        let prefix = expand(traffic, KeyLabel.frameIV.encoded(fields), 16)
        _ = try channel.sealed(.data, [1])
        let sealed = try channel.sealed(.data, [5])
        let data = [1] + session + [0] + [0, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 1] + [0, 22]
        let opened = try Array(sealed.dropFirst(2)).withUnsafeBytes { sealed in
            try (prefix + [0, 0, 0, 0, 0, 0, 0, 1]).withUnsafeBytes { nonce in
                try data.withUnsafeBytes { data in
                    try XChaCha20Poly1305.open(
                        sealed, key: key.span.bytes.withUnsafeBytes { SecretKey<Seed>(copying: $0) }, nonce: nonce,
                        authenticating: data
                    ) { Array($0) }
                }
            }
        }
        #expect(opened == [1, 0, 0, 0, 1, 5])
    }

    @Test
    func `leaf tags are those of the specification`() throws {
        let session = expand(master, info("packetfs/1 session", [1], [1]), 16)
        let transfer = TransferID(unchecked: [UInt8](repeating: 6, count: 16))
        let channel = secrets().channel(now: Instant(nanoseconds: 0))
        let tagger = channel.integrity.key(for: transfer)
        let integrity = expand(master, info("packetfs/1 integrity", [1], [1], session))
        let key = expand(integrity, info("packetfs/1 transfer", [1], [1], session, transfer.bytes))
        let bytes = [UInt8](0..<200)
        func tag(_ nonce: [UInt8]) throws -> [UInt8] {
            let nothing: [UInt8] = []
            return Array(
                try AES.GCM.seal(
                    nothing, using: SymmetricKey(data: key), nonce: .init(data: nonce), authenticating: bytes
                ).tag)
        }
        let leaf = LeafID(.content, 0x0102)
        #expect(
            try bytes.withUnsafeBytes { tagger.tag(leaf: leaf, bytes: $0) }
                == tag([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]))
        #expect(
            try bytes.withUnsafeBytes { tagger.tag(part: 63, of: leaf, bytes: $0) }
                == tag([1, 1, 0, 63, 0, 0, 0, 0, 0, 0, 1, 2]))
    }
}

@Suite("Integrity tags")
struct IntegrityKeyTests {
    private func tag(_ key: IntegrityKey, _ leaf: LeafID, part: Int? = nil, _ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { bytes in
            part.map { key.tag(part: $0, of: leaf, bytes: bytes) } ?? key.tag(leaf: leaf, bytes: bytes)
        }
    }

    @Test(arguments: CipherSuite.allCases)
    func `both ends tag alike, and everything that a tag is for changes it`(suite: CipherSuite) throws {
        let session = try Session(suite)
        let one = TransferID(unchecked: [UInt8](repeating: 1, count: 16))
        let other = TransferID(unchecked: [UInt8](repeating: 2, count: 16))
        let near = session.initiator.integrity.key(for: one)
        let far = session.responder.integrity.key(for: one)
        let bytes = [UInt8](repeating: 7, count: 1000)
        let first = LeafID(.content, 0)
        #expect(tag(near, first, bytes) == tag(far, first, bytes))
        let tags = [
            tag(near, first, bytes), tag(near, LeafID(.content, 1), bytes), tag(near, LeafID(.manifest, 0), bytes),
            tag(near, first, part: 0, bytes), tag(near, first, part: 1, bytes), tag(near, first, []),
            tag(near, first, bytes + [0]), tag(session.initiator.integrity.key(for: other), first, bytes),
        ]
        #expect(Set(tags).count == tags.count)
        #expect(tags.allSatisfy { $0.count == Limits.tag })
    }

    @Test(arguments: CipherSuite.allCases)
    func `every flipped bit of a leaf changes its tag`(suite: CipherSuite) throws {
        let session = try Session(suite)
        let key = session.initiator.integrity.key(for: TransferID(unchecked: [UInt8](repeating: 1, count: 16)))
        var bytes = [UInt8](repeating: 7, count: 100)
        let right = tag(key, LeafID(.content, 0), bytes)
        for bit in 0..<bytes.count * 8 {
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(tag(key, LeafID(.content, 0), bytes) != right)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
    }

    @Test
    func `an integrity key shows nothing when printed`() throws {
        let session = try Session()
        let key = session.initiator.integrity.key(for: TransferID(unchecked: [UInt8](repeating: 1, count: 16)))
        #expect("\(key)" == "IntegrityKey")
        #expect(Mirror(reflecting: key).children.isEmpty)
    }
}
