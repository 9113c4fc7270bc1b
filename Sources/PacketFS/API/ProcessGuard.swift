internal import PacketFSSecrets

/// Protection of a process that holds seeds and keys.
public enum ProcessGuard {
    /// Turns core dumps off, and with them other processes' reading of this one's memory. A program calls it first
    /// thing. Returns whether the kernel agreed.
    @discardableResult
    public static func harden() -> Bool {
        ProcessHardening.apply()
    }

    /// Lets the allocator keep freed memory (some 64 MiB) instead of giving it back at every frame, which would cost
    /// more than all the cryptography. A program that moves files calls it once, at its start.
    public static func keepFreedMemory() {
        ProcessMemory.keepFreed()
    }
}
