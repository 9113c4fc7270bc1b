import Foundation
import PacketFSSecrets
import Testing

@testable import PacketFSChannel

/// The examples of the standards that suites and keys follow, from `Vectors/published`, through the code that uses them.
@Suite("Published vectors")
struct PublishedVectorTests {
    private enum TestKey: KeyPurpose {}

    private struct File<Case: Decodable>: Decodable {
        let cases: [Case]

        init(_ name: String) throws {
            let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let data = try Data(contentsOf: package.appending(path: "Vectors/published/\(name).json"))
            self = try JSONDecoder().decode(Self.self, from: data)
        }
    }

    private struct Derivation: Decodable {
        let name: String
        let ikm: Hex
        let salt: Hex
        let info: Hex
        let size: Int
        let prk: Hex
        let okm: Hex
    }

    @Test func keysAreDerivedAsInRFC5869() throws {
        let cases = try File<Derivation>("rfc5869").cases
        #expect(cases.count == 3)
        for vector in cases {
            let extracted = vector.salt.bytes.span.bytes.withUnsafeBytes { salt in
                vector.ikm.bytes.span.bytes.withUnsafeBytes { material in
                    KeyDerivation.extract(salt: salt, material: material, as: TestKey.self)
                }
            }
            #expect(extracted.withUnsafeBytes { Array($0) } == vector.prk.bytes, "\(vector.name)")
            let output = KeyDerivation.withExpanded(extracted, info: vector.info.bytes, count: vector.size) {
                Array($0)
            }
            #expect(output == vector.okm.bytes, "\(vector.name)")
        }
    }

    private struct Sealing: Decodable {
        let key: Hex
        let nonce: Hex
        let aad: Hex
        let plaintext: Hex
        let ciphertext: Hex
        let tag: Hex

        var secretKey: SecretKey<TestKey> { key.bytes.span.bytes.withUnsafeBytes { SecretKey(copying: $0) } }
    }

    @Test func handshakesAreSealedAsInRFC8439() throws {
        let vector = try #require(File<Sealing>("rfc8439").cases.first)
        let sealed = try NoiseCipher.chaChaPoly.seal(
            vector.plaintext.bytes, key: vector.secretKey, nonce: vector.nonce.bytes, authenticating: vector.aad.bytes)
        #expect(sealed == vector.ciphertext.bytes + vector.tag.bytes)
    }

    @Test func framesAreSealedAsInTheDraftOfXChaCha() throws {
        let vector = try #require(File<Sealing>("xchacha").cases.first)
        var sealed: [UInt8] = []
        try vector.plaintext.bytes.withUnsafeBytes { plaintext in
            try vector.nonce.bytes.withUnsafeBytes { nonce in
                try vector.aad.bytes.withUnsafeBytes { data in
                    try SuiteAEAD.seal(
                        plaintext, suite: .xchacha20poly1305, key: vector.secretKey, nonce: nonce, authenticating: data,
                        into: &sealed)
                }
            }
        }
        #expect(sealed == vector.ciphertext.bytes + vector.tag.bytes)
    }
}
