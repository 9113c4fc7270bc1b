internal import CLinux
import Glibc

/// What keeps secrets out of places that outlive the process.
package enum ProcessHardening {
    /// Turns core dumps off, and with them other processes' reading of this one's memory; leaves all memory out of a core
    /// that is written nevertheless; crash signals end the process without a handler, so that no backtracer prints memory.
    /// Does the rest if the kernel refuses some of it.
    ///
    /// - Returns: whether the kernel agreed to all of it.
    @discardableResult
    package static func apply() -> Bool {
        pfs_process_harden() == 0
    }

    /// Whether the process could still leave a core.
    package static var isDumpable: Bool {
        pfs_process_is_dumpable() != 0
    }
}

/// What the process may have open.
package enum ProcessFiles {
    /// As many files as the system allows it: sessions have some dozens each. To be called once, at the start.
    package static func raiseLimit() {
        _ = pfs_raise_open_files()
    }
}

/// How the process uses memory.
package enum ProcessMemory {
    /// Lets the allocator keep up to 64 MiB of what was freed for each processor, for a program whose frames come and go in
    /// blocks of 64 KiB: opening them takes a third of the time. More arenas than processors would keep a session's memory
    /// once for every thread that ever served one. To be called once, at the start.
    package static func keepFreed() {
        _ = pfs_keep_freed_memory(64 << 20, Int32(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }
}
