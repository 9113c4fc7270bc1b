import CSodium
import Crypto
import Foundation
import PacketFSSecrets
import PacketFSWire
import Testing

@testable import PacketFSChannel

/// The stream cipher that covers payloads for who carries no pad (`Specs/keystream.md` §6).
@Suite("Stream cipher")
struct StreamCipherTests {
    /// A seed that is known, and answers as a vault does.
    private struct KnownSeed: SeedPRF {
        let seed: [UInt8]

        func prf<P: KeyPurpose>(_ label: SeedLabel<P>, fields: [[UInt8]]) -> SecretKey<P> {
            let code = HMAC<SHA256>.authenticationCode(
                for: label.label.encoded(fields) + [1], using: SymmetricKey(data: seed))
            return SecretKey { key in code.withUnsafeBytes { key.copyMemory(from: $0) } }
        }
    }

    private static let (lower, higher) = (
        PartyID(unchecked: [UInt8](repeating: 1, count: 16)), PartyID(unchecked: [UInt8](repeating: 2, count: 16))
    )
    private static let seed = [UInt8](0..<32)
    private static let context = SessionContext(suite: .aes256gcm, sessionID: [UInt8](repeating: 9, count: 16))

    private func ciphers(_ own: PartyID, _ peer: PartyID, _ role: Role) throws -> (StreamCipher, StreamCipher) {
        let credentials = try #require(PeerCredentials(own: own, peer: peer, seed: KnownSeed(seed: Self.seed)))
        let session = SessionIntegrity(SecretKey { $0.initializeMemory(as: UInt8.self, repeating: 0) }, Self.context)
        return credentials.streamCiphers(for: role, in: session)
    }

    private func apply(_ cipher: StreamCipher, _ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        bytes.withUnsafeMutableBytes { cipher.apply(to: $0) }
        return bytes
    }

    /// Keys and keystream, computed here from the seed as the specification says.
    @Test func theKeystreamIsThatOfTheSpecification() throws {
        func encode(_ label: String, _ fields: [[UInt8]]) -> [UInt8] {
            [UInt8(label.utf8.count)] + Array(label.utf8) + fields.flatMap { [0, UInt8($0.count)] + $0 }
        }
        func hmac(_ key: [UInt8], _ data: [UInt8]) -> [UInt8] {
            Array(HMAC<SHA256>.authenticationCode(for: data + [1], using: SymmetricKey(data: key)))
        }
        let secret = hmac(Self.seed, encode("packetfs/1 stream secret", [Self.lower.bytes, Self.higher.bytes]))
        let sending = try ciphers(Self.higher, Self.lower, .responder).0
        let fields = [[1], [1], Self.context.sessionID, [1]] as [[UInt8]]
        let key = hmac(secret, encode("packetfs/1 stream key", fields))
        for number in 0..<3 {
            var expected = [UInt8](repeating: 0, count: 1000)
            let nonce = [UInt8](repeating: 0, count: 23) + [UInt8(number)]
            _ = crypto_stream_xchacha20(&expected, 1000, nonce, key)
            #expect(apply(sending, [UInt8](repeating: 0, count: 1000)) == expected)
        }
    }

    @Test func bothEndsHaveTheSameTwoKeystreams() throws {
        let ours = try ciphers(Self.lower, Self.higher, .initiator)
        let theirs = try ciphers(Self.higher, Self.lower, .responder)
        let plain = [UInt8](repeating: 5, count: 3000)
        for _ in 0..<3 {
            let (there, back) = (apply(ours.0, plain), apply(theirs.0, plain))
            #expect(there != plain && there != back)
            #expect(apply(theirs.1, there) == plain && apply(ours.1, back) == plain)
        }
        #expect(apply(ours.0, plain) != apply(ours.0, plain))
    }
}
