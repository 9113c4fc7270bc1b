private import CLinux
import Glibc
package import PacketFSWire

/// What lies in a log and in no extent: what interrupted transfers learned, and what a crash kept from being freed.
///
/// Whoever may write to a log, or maps it, uses it: a shared lock on its file, which ends with this open log, also where
/// its process is killed. Who sweeps holds the lock alone.
extension Log {
    /// From now on nobody sweeps this log until it is closed. Waits while somebody does.
    package func use() {
        while flock(file.descriptor, LOCK_SH) != 0, errno == EINTR {}
    }

    /// Frees all but the ranges that `keeping` returns, which ascend. Returns the bytes freed, or `nil` if somebody uses
    /// the log: nothing is done then. What the file system cannot free between two ranges stays.
    package func sweep(keeping: () throws -> [AddressRange]) throws -> UInt64? {
        guard flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else { return nil }
        defer { flock(file.descriptor, LOCK_UN) }
        // Only now nothing is recorded any more by others.
        let kept = try keeping()
        return try freeing { () throws(BlobError) in
            var end: UInt64 = 0
            for range in kept {
                guard try clear(from: end, to: range.address) else { break }
                end = range.end
            }
            try cut(behind: kept.last?.end ?? 0)
        }
    }

    /// Whether the file system can do that. Looks first, for giving back what is a hole already writes to its journal.
    private func clear(from start: UInt64, to end: UInt64) throws(BlobError) -> Bool {
        guard start < end, holdsData(from: start, to: end) else { return true }
        let result = packetfs_blob_punch(file.descriptor, Int64(start), Int64(end - start))
        guard result != -EOPNOTSUPP else { return false }
        guard result == 0 else { throw BlobError(errno: -result) }
        return true
    }

    private func holdsData(from start: UInt64, to end: UInt64) -> Bool {
        var data: (start: Int64, end: Int64) = (0, 0)
        let result = clinux_source_data(file.descriptor, Int64(start), &data.start, &data.end)
        return result == 0 ? data.start < Int64(end) : result != -ENXIO
    }

    private func cut(behind end: UInt64) throws(BlobError) {
        guard file.size > end else { return }
        guard ftruncate(file.descriptor, off_t(end)) == 0 else { throw BlobError(errno: errno) }
    }
}
