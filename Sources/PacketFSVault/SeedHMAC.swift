internal import PacketFSSecrets

extension SecretKey<Seed> {
    /// `HMAC-SHA256(seed, label.encoded(fields) ‖ 0x01)` (`Specs/handshake.md` §3).
    borrowing func hmac<P: KeyPurpose>(_ label: SeedLabel<P>, fields: [[UInt8]]) -> SecretKey<P> {
        hmac(of: label.label.encoded(fields) + [1])
    }
}
