import Glibc

/// Lets one thread, of one process, put seeds somewhere or destroy those that are abandoned.
///
/// What somebody else is putting somewhere looks abandoned until it is recorded.
struct SeedLock: ~Copyable {
    /// Seconds that one waits for another.
    private static let patience = 10.0
    private static let pause: UInt32 = 5_000

    private let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    static func take(in folder: String) throws -> SeedLock {
        for _ in 0..<Int(patience * 1e6) / Int(pause) {
            if let lock = try takeIfFree(in: folder) { return lock }
            usleep(pause)
        }
        throw PacketFSError(.state, "another process works on the seeds", hint: "run the same command again")
    }

    /// `nil` while another has it.
    static func takeIfFree(in folder: String) throws -> SeedLock? {
        let descriptor = open(folder + "/lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw PacketFSError(.state, "the folder of seeds cannot be used: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return SeedLock(descriptor)
    }
}
