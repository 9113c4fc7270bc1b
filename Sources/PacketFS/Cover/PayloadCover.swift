import PacketFSChannel
import PacketFSWire

/// What is done to payloads before they are sealed and after they were opened, so that they do not rest on the AEAD
/// alone (`Specs/keystream.md`). Used by one session, on its thread.
protocol PayloadCover: AnyObject {
    var kind: ProtectionKind { get }
    /// What was used of a pad, if there is one.
    var use: PadUse? { get }
    /// Covers the next payload in place. `announce` sends what the peer must know before.
    func cover(_ payload: UnsafeMutableRawBufferPointer, _ announce: (ControlMessage) throws -> Void) throws
    /// Uncovers the next payload in place.
    func uncover(_ payload: UnsafeMutableRawBufferPointer) throws
    /// Takes an announcement of the peer.
    func expect(_ blocks: Range<UInt64>) throws
    /// Nothing is covered any more in either direction.
    func close()
}

/// A stream cipher keyed from the seed.
final class StreamCover: PayloadCover {
    let kind = ProtectionKind.streamCipher
    let use: PadUse? = nil
    private let sending: StreamCipher
    private let receiving: StreamCipher

    init(_ credentials: PeerCredentials, role: Role, in session: SessionIntegrity) {
        (sending, receiving) = credentials.streamCiphers(for: role, in: session)
    }

    func cover(_ payload: UnsafeMutableRawBufferPointer, _: (ControlMessage) throws -> Void) {
        sending.apply(to: payload)
    }

    func uncover(_ payload: UnsafeMutableRawBufferPointer) {
        receiving.apply(to: payload)
    }

    func expect(_: Range<UInt64>) throws { throw AbortReason.malformed }
    func close() {}
}
