import CLinux
import Glibc
import PacketFSPad

/// Held while a pad is imported: two processes could else import copies of one pad under two names.
final class ImportLock {
    private let descriptor: Int32

    /// `folder`: of the ledgers. Throws `PadError.busy` while another process imports.
    init(_ folder: String) throws {
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw PadError.system(errno) }
        let result = pfs_try_lock(descriptor)
        guard result == 0 else { throw result == -EWOULDBLOCK ? PadError.busy : PadError.system(-result) }
    }

    deinit {
        _ = pfs_unlock(descriptor)
        close(descriptor)
    }
}
