internal import Crypto
internal import PacketFSSecrets

/// Noise revision 34 §5.2, with SHA-256.
struct SymmetricState: ~Copyable {
    enum ChainingKey: KeyPurpose {}

    private let cipherName: NoiseCipher
    private var chainingKey: SecretKey<ChainingKey>
    private var cipher: CipherState?
    /// The handshake hash `h`.
    private(set) var hash: [UInt8]

    /// InitializeSymmetric(protocol_name).
    init(protocolName: String, cipher: NoiseCipher) {
        let name = Array(protocolName.utf8)
        let isShort = name.count <= 32
        let hash = isShort ? name + [UInt8](repeating: 0, count: 32 - name.count) : Array(SHA256.hash(data: name))
        self.hash = hash
        chainingKey = hash.span.bytes.withUnsafeBytes { SecretKey(copying: $0) }
        cipherName = cipher
    }

    /// MixHash(data).
    mutating func mixHash(_ data: [UInt8]) {
        data.withUnsafeBytes { mixHash($0) }
    }

    private mutating func mixHash(_ data: UnsafeRawBufferPointer) {
        var function = SHA256()
        function.update(data: hash)
        function.update(bufferPointer: data)
        hash = Array(function.finalize())
    }

    /// MixKey(input_key_material).
    mutating func mixKey(_ material: UnsafeRawBufferPointer) {
        let outputs = derive(material, count: 2)
        chainingKey = outputs.key(0)
        cipher = CipherState(cipher: cipherName, key: outputs.key(1))
    }

    /// MixKeyAndHash(input_key_material).
    mutating func mixKeyAndHash(_ psk: borrowing SecretKey<PresharedKey>) {
        let outputs = psk.withUnsafeBytes { derive($0, count: 3) }
        chainingKey = outputs.key(0)
        outputs.withBytes(1) { mixHash($0) }
        cipher = CipherState(cipher: cipherName, key: outputs.key(2))
    }

    /// EncryptAndHash(plaintext).
    mutating func encryptAndHash(_ plaintext: [UInt8]) throws(ChannelError) -> [UInt8] {
        let sealed = try cipher?.encrypt(plaintext, authenticating: hash) ?? plaintext
        mixHash(sealed)
        return sealed
    }

    /// DecryptAndHash(ciphertext).
    mutating func decryptAndHash(_ sealed: [UInt8]) throws(ChannelError) -> [UInt8] {
        let plaintext = try cipher?.decrypt(sealed, authenticating: hash) ?? sealed
        mixHash(sealed)
        return plaintext
    }

    /// Split(): the initiator's sending state and the responder's.
    consuming func split() -> NoiseSplit {
        let outputs = derive(UnsafeRawBufferPointer(start: nil, count: 0), count: 2)
        return NoiseSplit(
            fromInitiator: CipherState(cipher: cipherName, key: outputs.key(0)),
            fromResponder: CipherState(cipher: cipherName, key: outputs.key(1)),
            hash: hash
        )
    }

    /// HKDF(chaining_key, input_key_material, num_outputs) of Noise §4.3, which is HKDF with empty info.
    private func derive(_ material: UnsafeRawBufferPointer, count: Int) -> Outputs {
        let extracted: SecretKey<ChainingKey> = chainingKey.withUnsafeBytes {
            KeyDerivation.extract(salt: $0, material: material)
        }
        return KeyDerivation.withExpanded(extracted, info: [], count: 32 * count) { bytes in
            let outputs = Outputs(SecretBuffer(byteCount: bytes.count))
            outputs.all.bytes.copyMemory(from: bytes)
            return outputs
        }
    }

    /// The outputs of HKDF, 32 bytes each.
    private struct Outputs {
        let all: SecretBuffer

        init(_ all: SecretBuffer) {
            self.all = all
        }

        func withBytes<R>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
            body(UnsafeRawBufferPointer(all.part(32 * index..<32 * index + 32)))
        }

        func key<P: KeyPurpose>(_ index: Int, as _: P.Type = P.self) -> SecretKey<P> {
            SecretKey { target in withBytes(index) { target.copyMemory(from: $0) } }
        }
    }
}

/// What a finished handshake leaves.
struct NoiseSplit: ~Copyable {
    var fromInitiator: CipherState
    var fromResponder: CipherState
    /// The handshake hash after message 2.
    let hash: [UInt8]
}
