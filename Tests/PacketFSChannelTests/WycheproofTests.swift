import Crypto
import PacketFSSecrets
import Testing

@testable import PacketFSChannel

/// The vectors of project Wycheproof, through the code that seals frames, handshakes and keys.
@Suite("Wycheproof vectors", .enabled(if: Vectors.areThere, Vectors.absence))
struct WycheproofTests {
    enum TestKey: KeyPurpose {}

    struct AEADCase: Decodable {
        let tcId: Int
        let key: Hex
        let iv: Hex
        let aad: Hex
        let msg: Hex
        let ct: Hex
        let tag: Hex
        let result: Wycheproof<Never>.Result

        var secretKey: SecretKey<TestKey> { key.bytes.span.bytes.withUnsafeBytes { SecretKey(copying: $0) } }
    }

    private func cases(_ file: String, nonceBits: Int) throws -> [AEADCase] {
        let groups = try Vectors.load(file, as: Wycheproof<AEADCase>.self).testGroups
        let cases = groups.filter { $0.keySize == 256 && $0.ivSize == nonceBits && $0.tagSize == 128 }
            .flatMap(\.tests)
        #expect(cases.contains { $0.result == .valid } && cases.contains { $0.result == .invalid })
        return cases
    }

    @Test(arguments: [CipherSuite.aes256gcm, .xchacha20poly1305])
    func `suites of frames`(suite: CipherSuite) throws {
        let file = suite == .aes256gcm ? "aes_gcm_test" : "xchacha20_poly1305_test"
        for test in try cases("wycheproof/\(file).json", nonceBits: suite.nonceSize * 8) {
            let sealed = test.ct.bytes + test.tag.bytes
            let opened = try? open(sealed, suite, test)
            if test.result == .valid {
                #expect(opened == test.msg.bytes, "\(test.tcId)")
                #expect(try seal(test.msg.bytes, suite, test) == sealed, "\(test.tcId)")
            } else {
                #expect(opened == nil, "\(test.tcId)")
            }
        }
    }

    @Test(arguments: [NoiseCipher.aesGCM, .chaChaPoly])
    func `ciphers of the handshake`(cipher: NoiseCipher) throws {
        let file = cipher == .aesGCM ? "aes_gcm_test" : "chacha20_poly1305_test"
        for test in try cases("wycheproof/\(file).json", nonceBits: 96) {
            let sealed = test.ct.bytes + test.tag.bytes
            let opened = try? cipher.open(
                sealed, key: test.secretKey, nonce: test.iv.bytes, authenticating: test.aad.bytes)
            if test.result == .valid {
                #expect(opened == test.msg.bytes, "\(test.tcId)")
                let again = try cipher.seal(
                    test.msg.bytes, key: test.secretKey, nonce: test.iv.bytes, authenticating: test.aad.bytes)
                #expect(again == sealed, "\(test.tcId)")
            } else {
                #expect(opened == nil, "\(test.tcId)")
            }
        }
    }

    private func seal(_ plaintext: [UInt8], _ suite: CipherSuite, _ test: AEADCase) throws -> [UInt8] {
        var output: [UInt8] = []
        try plaintext.withUnsafeBytes { plaintext in
            try test.iv.bytes.withUnsafeBytes { nonce in
                try test.aad.bytes.withUnsafeBytes { data in
                    try SuiteAEAD.seal(
                        plaintext, suite: suite, key: test.secretKey, nonce: nonce, authenticating: data,
                        into: &output)
                }
            }
        }
        return output
    }

    private func open(_ sealed: [UInt8], _ suite: CipherSuite, _ test: AEADCase) throws -> [UInt8] {
        try sealed.withUnsafeBytes { sealed in
            try test.iv.bytes.withUnsafeBytes { nonce in
                try test.aad.bytes.withUnsafeBytes { data in
                    try SuiteAEAD.open(
                        sealed, suite: suite, key: test.secretKey, nonce: nonce, authenticating: data
                    ) { Array($0) }
                }
            }
        }
    }

    struct HKDFCase: Decodable {
        let tcId: Int
        let ikm: Hex
        let salt: Hex
        let info: Hex
        let size: Int
        let okm: Hex
        let result: Wycheproof<Never>.Result
    }

    @Test
    func `HKDF-SHA256`() throws {
        let groups = try Vectors.load("wycheproof/hkdf_sha256_test.json", as: Wycheproof<HKDFCase>.self).testGroups
        let cases = groups.flatMap(\.tests)
        #expect(cases.count > 50)
        for test in cases {
            guard test.result == .valid else {
                // Longer than HKDF allows: refused by a precondition, and no length here comes from outside.
                #expect(test.size > 255 * 32, "\(test.tcId)")
                continue
            }
            let extracted = test.salt.bytes.span.bytes.withUnsafeBytes { salt in
                test.ikm.bytes.span.bytes.withUnsafeBytes { material in
                    KeyDerivation.extract(salt: salt, material: material, as: TestKey.self)
                }
            }
            let output = KeyDerivation.withExpanded(extracted, info: test.info.bytes, count: test.size) { Array($0) }
            #expect(output == test.okm.bytes, "\(test.tcId)")
            if test.size == 32 {
                let key = KeyDerivation.expand(extracted, info: test.info.bytes, as: TestKey.self)
                #expect(key.withUnsafeBytes { Array($0) } == test.okm.bytes, "\(test.tcId)")
            }
        }
    }

    struct AgreementCase: Decodable {
        let tcId: Int
        let `public`: Hex
        let `private`: Hex
        let shared: Hex
        let result: Wycheproof<Never>.Result
    }

    @Test
    func `X25519, refusing shared secrets of zeros`() throws {
        let groups = try Vectors.load("wycheproof/x25519_test.json", as: Wycheproof<AgreementCase>.self).testGroups
        let cases = groups.flatMap(\.tests)
        #expect(cases.count > 500)
        var refused = 0
        for test in cases {
            let key = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: test.private.bytes)
            let shared = try? KeyAgreement.shared(key, with: test.public.bytes).withUnsafeBytes { Array($0) }
            if test.shared.bytes.allSatisfy({ $0 == 0 }) {
                #expect(shared == nil, "\(test.tcId)")
                refused += 1
            } else {
                #expect(shared == test.shared.bytes, "\(test.tcId)")
            }
        }
        #expect(refused > 0)
    }
}
