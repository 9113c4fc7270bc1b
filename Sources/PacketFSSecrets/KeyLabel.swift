/// Every label of PRF, of Expand and of the prologue (`Specs/handshake.md` §3.4). None has two uses.
package enum KeyLabel: String, CaseIterable, Sendable {
    /// Seed → pre-shared key of the handshake.
    case presharedKey = "packetfs/1 psk"
    /// Seed → key that identifies an initiator's seed to its responder.
    case identityKey = "packetfs/1 id"
    /// Seed → bytes that people compare.
    case fingerprint = "packetfs/1 fingerprint"
    /// Seed → check value of a peer file.
    case peerFile = "packetfs/1 peer file"
    /// Opens the prologue of the handshake.
    case prologue = "packetfs/1 handshake"
    /// Master → session id.
    case session = "packetfs/1 session"
    /// Master → a direction's traffic secret of epoch 0.
    case traffic = "packetfs/1 traffic"
    /// Traffic secret → that of the next epoch.
    case nextEpoch = "packetfs/1 next epoch"
    /// Traffic secret → frame key.
    case frameKey = "packetfs/1 key"
    /// Traffic secret → frame IV or nonce prefix.
    case frameIV = "packetfs/1 iv"
    /// Master → secret of the integrity plane.
    case integrity = "packetfs/1 integrity"
    /// Secret of the integrity plane → a transfer's integrity key.
    case transfer = "packetfs/1 transfer"
    /// Seed → secret of the stream cipher that may cover payloads.
    case streamSecret = "packetfs/1 stream secret"
    /// Secret of the stream cipher → its key for a direction of a session.
    case streamKey = "packetfs/1 stream key"

    /// The label and `fields`, each behind its length: 1 byte for the label, 2 (big-endian) for a field.
    ///
    /// Fields hold at most 65,535 bytes each.
    package func encoded(_ fields: [[UInt8]] = []) -> [UInt8] {
        var bytes = [UInt8(rawValue.utf8.count)] + rawValue.utf8
        for field in fields {
            let count = UInt16(field.count)
            bytes += [UInt8(count >> 8), UInt8(count & 0xff)]
            bytes += field
        }
        return bytes
    }
}

/// A label that a vault answers to, tied to the purpose of what comes out. There are no others.
package struct SeedLabel<Purpose: KeyPurpose>: Sendable {
    package let label: KeyLabel

    fileprivate init(_ label: KeyLabel) {
        self.label = label
    }
}

extension SeedLabel<PresharedKey> {
    package static var presharedKey: Self { Self(.presharedKey) }
}

extension SeedLabel<IdentityKey> {
    package static var identityKey: Self { Self(.identityKey) }
}

extension SeedLabel<StreamSecret> {
    package static var streamSecret: Self { Self(.streamSecret) }
}

extension SeedLabel<SeedFingerprint> {
    package static var fingerprint: Self { Self(.fingerprint) }
}

extension SeedLabel<PeerFileCheck> {
    package static var peerFile: Self { Self(.peerFile) }
}

/// The one thing that a seed can do, wherever it is kept.
package protocol SeedPRF {
    associatedtype Failure: Error

    /// `HMAC-SHA256(seed, label.encoded(fields) ‖ 0x01)`: one block of HKDF-Expand with the seed as PRK (RFC 5869).
    func prf<P: KeyPurpose>(_ label: SeedLabel<P>, fields: [[UInt8]]) throws(Failure) -> SecretKey<P>
}
