import CSodium
import Glibc
import PacketFSSecrets
import Testing

@testable import PacketFSChannel

/// What sealing leaves behind. `scripts/canary-hunt` looks at whole processes.
@Suite struct KeyTraceTests {
    private enum Purpose: KeyPurpose {}

    /// More than the frames of sealing take.
    private static let depth = 12_288

    private static let payload = [UInt8](repeating: 1, count: 5000)

    @inline(never)
    private func seal(_ suite: CipherSuite, _ key: borrowing SecretKey<Purpose>) throws -> [UInt8] {
        let nonce = [UInt8](repeating: 7, count: suite.nonceSize)
        var sealed: [UInt8] = []
        try nonce.withUnsafeBytes { nonce in
            try Self.payload.withUnsafeBytes {
                try SuiteAEAD.seal($0, suite: suite, key: key, nonce: nonce, authenticating: nonce, into: &sealed)
            }
        }
        return sealed
    }

    @inline(never)
    private func open(_ sealed: [UInt8], _ suite: CipherSuite, _ key: borrowing SecretKey<Purpose>) throws {
        let nonce = [UInt8](repeating: 7, count: suite.nonceSize)
        try nonce.withUnsafeBytes { nonce in
            try sealed.withUnsafeBytes {
                try SuiteAEAD.open($0, suite: suite, key: key, nonce: nonce, authenticating: nonce) { _ in }
            }
        }
    }

    /// Whether half of the key lies on the stack below here, where calls that have returned had their frames.
    @inline(never)
    private func isOnStack(_ key: borrowing SecretKey<Purpose>) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 16) { here in
            guard let end = here.baseAddress else { return false }
            return key.withUnsafeBytes { key in
                guard let key = key.baseAddress else { return false }
                for place in stride(from: 8, to: Self.depth, by: 8) {
                    if memcmp(end - place, key, 16) == 0 || memcmp(end - place, key + 16, 16) == 0 { return true }
                }
                return false
            }
        }
    }

    /// The first 16 bytes of its nonces are zeros, so the subkey is that of a whole direction.
    @Test func aStreamCipherLeavesNoSubkeyOnTheStack() throws {
        var generator = SystemRandomNumberGenerator()
        let secret = SecretKey<StreamSecret> { SecretBytes.fill($0, using: &generator) }
        let context = SessionContext(suite: .aes256gcm, sessionID: [UInt8](repeating: 9, count: 16))
        let label = KeyLabel.streamKey.encoded(context.fields + [[Direction.sent(by: .initiator).rawValue]])
        let key: SecretKey<Purpose> = KeyDerivation.expand(secret, info: label)
        let subkey = SecretKey<Purpose> { subkey in
            key.withUnsafeBytes { key in
                guard let output = subkey.assumingMemoryBound(to: UInt8.self).baseAddress,
                    let key = key.assumingMemoryBound(to: UInt8.self).baseAddress
                else { return }
                _ = crypto_core_hchacha20(output, [UInt8](repeating: 0, count: 16), key, nil)
            }
        }
        let cipher = StreamCipher(secret, context, .sent(by: .initiator))
        SecretBytes.wipeTraces()
        apply(cipher)
        let isLeft = isOnStack(subkey)
        #expect(!isLeft)
    }

    /// So deep that what looks for traces afterwards has its own frames above them.
    @inline(never)
    private func apply(_ cipher: StreamCipher) {
        var payload = Self.payload
        withUnsafeTemporaryAllocation(byteCount: 1000, alignment: 16) { _ in
            payload.withUnsafeMutableBytes { cipher.apply(to: $0) }
        }
    }

    @Test(arguments: CipherSuite.allCases)
    func aFrameLeavesNoKeyOnTheStack(suite: CipherSuite) throws {
        var generator = SystemRandomNumberGenerator()
        let key = SecretKey<Purpose> { SecretBytes.fill($0, using: &generator) }
        let sealed = try seal(suite, key)
        let isLeftOfSealing = isOnStack(key)
        #expect(!isLeftOfSealing)
        try open(sealed, suite, key)
        let isLeftOfOpening = isOnStack(key)
        #expect(!isLeftOfOpening)
    }
}
