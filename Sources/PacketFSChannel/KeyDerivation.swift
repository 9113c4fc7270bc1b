internal import PacketFSSecrets

/// HKDF-SHA256 (RFC 5869) between keys in locked memory.
enum KeyDerivation {
    private static let hashSize = 32

    /// HKDF-Extract (§2.2).
    static func extract<Out: KeyPurpose>(
        salt: UnsafeRawBufferPointer, material: UnsafeRawBufferPointer, as _: Out.Type = Out.self
    ) -> SecretKey<Out> {
        SecretHMAC.code(of: [material], key: salt)
    }

    /// Thirty-two bytes of HKDF-Expand.
    static func expand<In: KeyPurpose, Out: KeyPurpose>(
        _ secret: borrowing SecretKey<In>, info: [UInt8], as _: Out.Type = Out.self
    ) -> SecretKey<Out> {
        secret.hmac(of: info + [1])
    }

    /// Runs `body` with `count` bytes of HKDF-Expand (§2.3), at most 8,160.
    static func withExpanded<In: KeyPurpose, R: ~Copyable>(
        _ secret: borrowing SecretKey<In>, info: [UInt8], count: Int, _ body: (UnsafeRawBufferPointer) -> R
    ) -> R {
        precondition(count <= 255 * hashSize, "HKDF-SHA256 gives no more")
        let blocks = (count + hashSize - 1) / hashSize
        return SecretBytes.withTemporary(blocks * hashSize) { output in
            for block in 0..<blocks {
                let start = block * hashSize
                let previous = UnsafeRawBufferPointer(rebasing: output[max(0, start - hashSize)..<start])
                let code: SecretKey<In> = (info + [UInt8(block + 1)]).span.bytes.withUnsafeBytes {
                    secret.hmac(of: previous, $0)
                }
                code.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(rebasing: output[start...]).copyMemory(from: $0)
                }
            }
            return body(UnsafeRawBufferPointer(rebasing: output[..<count]))
        }
    }
}
