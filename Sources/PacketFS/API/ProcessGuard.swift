internal import PacketFSSecrets

/// Protection of a process that holds seeds and keys.
public enum ProcessGuard {
    /// Memory for secrets that a session or a pad needs at most, in bytes.
    private static let secretMemory = 2 << 20
    static let raiseLimit = "packetfs doctor says how to raise it; --allow-secrets-in-swap does without"

    /// Turns core dumps off, and with them other processes' reading of this one's memory; crash signals end the process
    /// without a handler that could print memory. A program calls it first thing. Returns whether the kernel agreed.
    @discardableResult
    public static func harden() -> Bool {
        ProcessHardening.apply()
    }

    /// Makes sure that keys and pads can be locked into memory, which keeps them out of swap. Throws `limit` if they
    /// cannot: then nothing secret should be read. Keys that cannot be locked later on end the process; a
    /// pad's bytes that cannot be end what they were for.
    public static func requireLockedMemory() throws {
        guard !SecretMemory.canLock(secretMemory) else { return }
        throw PacketFSError(
            .limit, "keys and pads cannot be locked into memory: the memlock limit is too low",
            hint: raiseLimit)
    }

    /// Lets keys and pads lie in memory that may be swapped out, if it cannot be locked.
    public static func allowSecretsInSwap() {
        SecretMemory.allowSwap()
    }

    /// Lets the process have as many files open as the system allows it, instead of the 1,024 that are usual: a session
    /// that writes many folders has some fifty. A program that serves calls it once, at its start.
    public static func allowManyFiles() {
        ProcessFiles.raiseLimit()
    }

    /// Lets the allocator keep freed memory (some 64 MiB for each processor) instead of giving it back at every frame, which
    /// would cost more than all the cryptography. A program that moves files calls it once, at its start.
    public static func keepFreedMemory() {
        ProcessMemory.keepFreed()
    }
}
