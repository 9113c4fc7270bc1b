internal import Crypto
internal import PacketFSSecrets

/// HKDF-SHA256 (RFC 5869) between keys in locked memory.
enum KeyDerivation {
    static func extract<Out: KeyPurpose>(
        salt: UnsafeRawBufferPointer, material: UnsafeRawBufferPointer, as _: Out.Type = Out.self
    ) -> SecretKey<Out> {
        let code = HKDF<SHA256>.extract(inputKeyMaterial: SymmetricKey(data: material), salt: salt)
        return SecretKey { key in code.withUnsafeBytes { key.copyMemory(from: $0) } }
    }

    /// Thirty-two bytes of HKDF-Expand.
    static func expand<In: KeyPurpose, Out: KeyPurpose>(
        _ secret: borrowing SecretKey<In>, info: [UInt8], as _: Out.Type = Out.self
    ) -> SecretKey<Out> {
        withExpanded(secret, info: info, count: SecretKey<Out>.byteCount) { SecretKey(copying: $0) }
    }

    /// Runs `body` with `count` bytes of HKDF-Expand, at most 8,160.
    static func withExpanded<In: KeyPurpose, R: ~Copyable>(
        _ secret: borrowing SecretKey<In>, info: [UInt8], count: Int, _ body: (UnsafeRawBufferPointer) -> R
    ) -> R {
        precondition(count <= 255 * 32, "HKDF-SHA256 gives no more")
        let expanded = secret.withUnsafeBytes {
            HKDF<SHA256>.expand(pseudoRandomKey: $0, info: info, outputByteCount: count)
        }
        // `SymmetricKey.withUnsafeBytes` takes only copyable results.
        var result: R?
        expanded.withUnsafeBytes { result = body($0) }
        guard let result else { fatalError("the closure above always runs") }
        return result
    }
}
