internal import Crypto
internal import PacketFSSecrets

extension SecretKey<Seed> {
    /// `HMAC-SHA256(seed, label.encoded(fields) ‖ 0x01)` (`Specs/handshake.md` §3).
    borrowing func hmac<P: KeyPurpose>(_ label: SeedLabel<P>, fields: [[UInt8]]) -> SecretKey<P> {
        let key = withUnsafeBytes { SymmetricKey(data: $0) }
        let code = HMAC<SHA256>.authenticationCode(for: label.label.encoded(fields) + [1], using: key)
        return SecretKey<P> { output in code.withUnsafeBytes { output.copyMemory(from: $0) } }
    }
}
