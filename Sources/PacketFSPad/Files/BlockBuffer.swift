internal import PacketFSSecrets
internal import PacketFSWire

extension SecretBuffer {
    /// For blocks of a pad. Throws `noLockedMemory`.
    static func ofBlocks(_ count: UInt64) throws(PadError) -> SecretBuffer {
        guard let buffer = SecretBuffer(ofMany: Int(count) * Limits.padBlock) else { throw .noLockedMemory }
        return buffer
    }
}
