internal import PacketFSSecrets

/// Protection of a process that holds seeds and keys.
public enum ProcessGuard {
    /// Turns core dumps off, and with them other processes' reading of this one's memory. A program calls it first
    /// thing. Returns whether the kernel agreed.
    @discardableResult
    public static func harden() -> Bool {
        ProcessHardening.apply()
    }
}
