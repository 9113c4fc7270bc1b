/// What covers the payloads of a session beneath its AEAD, as both ends say before anything else
/// (`Specs/keystream.md` §3).
package enum CoverHello: Equatable, Sendable {
    /// Single-use bytes of a pad. `seen` is the end of the highest spent block of the reader's half, `proof` (16 bytes)
    /// shows that the writer holds the pad.
    case pad(PadID, seen: UInt64, proof: [UInt8])
    /// XChaCha20 under keys that come from the seed: a stream cipher.
    case streamCipher

    /// Bytes of a proof.
    package static let proofSize = 16
}

extension ByteWriter {
    mutating func hello(_ hello: CoverHello) throws(WireError) {
        switch hello {
        case .pad(let pad, let seen, let proof):
            guard seen <= Limits.padBlocks, proof.count == CoverHello.proofSize else { throw .tooLarge }
            u8(1)
            identifier(pad)
            integer(seen)
            raw(proof)
        case .streamCipher:
            u8(2)
        }
    }
}

extension ByteReader {
    mutating func hello() throws(WireError) -> CoverHello {
        switch try u8() {
        case 1:
            let pad = try identifier(PadID.self)
            let seen = try integer(UInt64.self)
            guard seen <= Limits.padBlocks else { throw .tooLarge }
            return .pad(pad, seen: seen, proof: try bytes(CoverHello.proofSize))
        case 2: return .streamCipher
        default: throw .unknown
        }
    }
}
