internal import PacketFSSecrets

/// A key that Noise derives for its ciphers.
enum NoiseKey: KeyPurpose {}

/// Noise revision 34 §5.1, once it has a key. NNpsk0 never encrypts without one.
struct CipherState: ~Copyable {
    private let cipher: NoiseCipher
    private let key: SecretKey<NoiseKey>
    /// 2^64 - 1 is reserved, and never used.
    private var counter: UInt64 = 0

    /// InitializeKey(key).
    init(cipher: NoiseCipher, key: consuming SecretKey<NoiseKey>) {
        self.cipher = cipher
        self.key = key
    }

    /// EncryptWithAd(ad, plaintext).
    mutating func encrypt(_ plaintext: [UInt8], authenticating data: [UInt8]) throws(ChannelError) -> [UInt8] {
        guard counter < .max else { throw .sequenceExhausted }
        let sealed = try cipher.seal(plaintext, key: key, nonce: cipher.nonce(counter), authenticating: data)
        counter += 1
        return sealed
    }

    /// DecryptWithAd(ad, ciphertext). A failure leaves the counter where it was.
    mutating func decrypt(_ sealed: [UInt8], authenticating data: [UInt8]) throws(ChannelError) -> [UInt8] {
        guard counter < .max else { throw .sequenceExhausted }
        let plaintext = try cipher.open(sealed, key: key, nonce: cipher.nonce(counter), authenticating: data)
        counter += 1
        return plaintext
    }

    /// The key itself, for the session's key schedule.
    borrowing func withKey<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        key.withUnsafeBytes(body)
    }
}
