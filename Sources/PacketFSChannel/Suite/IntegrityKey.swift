package import PacketFSSecrets
package import PacketFSWire

/// The integrity plane's secret of one session; a transfer's key comes from it.
package final class SessionIntegrity: Sendable {
    enum IntegritySecret: KeyPurpose {}

    private let secret: SecretKey<IntegritySecret>
    let context: SessionContext

    init(_ master: borrowing SecretKey<MasterSecret>, _ context: SessionContext) {
        secret = KeyDerivation.expand(master, info: KeyLabel.integrity.encoded(context.fields))
        self.context = context
    }

    /// Names the session; no secret, but known to nobody else.
    package var sessionID: [UInt8] { context.sessionID }

    /// The integrity key of a transfer of this session.
    package func key(for transfer: TransferID) -> IntegrityKey {
        IntegrityKey(
            suite: context.suite,
            key: KeyDerivation.expand(secret, info: KeyLabel.transfer.encoded(context.fields + [transfer.bytes])))
    }
}

/// Tags the leaves of one transfer: the suite's AEAD over no plaintext, the bytes as associated data, and the number
/// of the leaf or part as nonce (`Specs/handshake.md` §8).
package final class IntegrityKey: LeafTagger {
    package enum Purpose: KeyPurpose {}

    private let suite: CipherSuite
    private let key: SecretKey<Purpose>

    /// Sessions take theirs from `SessionIntegrity`.
    package init(suite: CipherSuite, key: consuming SecretKey<Purpose>) {
        self.suite = suite
        self.key = key
    }

    package func tag(leaf: LeafID, bytes: UnsafeRawBufferPointer) -> [UInt8] {
        tag(bytes, nonce: nonce(domain: 0, part: 0, leaf))
    }

    package func tag(part: Int, of leaf: LeafID, bytes: UnsafeRawBufferPointer) -> [UInt8] {
        tag(bytes, nonce: nonce(domain: 1, part: UInt16(part), leaf))
    }

    /// Zeros up to the suite's size, then domain (1), stream (1), part (2), leaf (8).
    private func nonce(domain: UInt8, part: UInt16, _ leaf: LeafID) -> [UInt8] {
        var nonce = ByteWriter(reserving: suite.nonceSize)
        nonce.raw(repeatElement(0, count: suite.nonceSize - 12))
        nonce.u8(domain)
        nonce.u8(leaf.stream.rawValue)
        nonce.integer(part)
        nonce.integer(leaf.index)
        return nonce.bytes
    }

    private func tag(_ bytes: UnsafeRawBufferPointer, nonce: [UInt8]) -> [UInt8] {
        var tag: [UInt8] = []
        tag.reserveCapacity(SuiteAEAD.tagSize)
        do {
            try nonce.span.bytes.withUnsafeBytes { nonce throws(ChannelError) in
                try SuiteAEAD.seal(
                    UnsafeRawBufferPointer(start: nil, count: 0), suite: suite, key: key, nonce: nonce,
                    authenticating: bytes, into: &tag)
            }
        } catch {
            fatalError("sealing nothing under a key and nonce of the right sizes cannot fail")
        }
        return tag
    }
}

extension IntegrityKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "IntegrityKey" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
