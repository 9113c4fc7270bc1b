internal import CLinux
internal import Glibc

/// An open file that is plain, ours alone and has one name; closed with its last reference.
final class PrivateFile: Sendable {
    let descriptor: Int32

    init(_ path: String, _ flags: Int32) throws(PadError) {
        descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0o600)
        guard descriptor >= 0 else { throw PadError(errno: errno) }
        let status = try status()
        guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else { throw .notAPlainFile }
        guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else { throw .notPrivate }
    }

    /// A file without a name, or one that the caller opened; ours from here on.
    init(adopting descriptor: Int32) throws(PadError) {
        self.descriptor = descriptor
        guard try status().st_mode & S_IFMT == S_IFREG else { throw .notAPlainFile }
    }

    deinit {
        _ = pfs_unlock(descriptor)
        close(descriptor)
    }

    /// Locks the file for this open of it, until it is closed.
    func lock() throws(PadError) {
        let result = pfs_try_lock(descriptor)
        guard result == 0 else { throw result == -EWOULDBLOCK ? .busy : PadError(errno: -result) }
    }

    func status() throws(PadError) -> stat {
        var status = stat()
        _ = try check(fstat(descriptor, &status))
        return status
    }

    func size() throws(PadError) -> UInt64 {
        UInt64(max(0, try status().st_size))
    }

    /// Whether less is stored than its length says.
    func isSparse() throws(PadError) -> Bool {
        let status = try status()
        return Int64(status.st_blocks) * 512 < Int64(status.st_size)
    }

    /// `SEEK_DATA` and `SEEK_HOLE`, macros that Swift does not see.
    private static let (seekData, seekHole): (Int32, Int32) = (3, 4)

    /// The first stretch of a range of which something is stored; `nil` if nothing is, and all reads as zeros. The whole
    /// range where the file system cannot tell.
    func stored(in range: Range<UInt64>) -> Range<UInt64>? {
        let data = lseek(descriptor, off_t(range.lowerBound), Self.seekData)
        guard data >= 0 else { return errno == ENXIO ? nil : range }
        let start = UInt64(data)
        guard start < range.upperBound else { return nil }
        let hole = lseek(descriptor, data, Self.seekHole)
        return start..<(hole < 0 ? range.upperBound : min(UInt64(hole), range.upperBound))
    }

    private static let zeros = [UInt8](repeating: 0, count: 1 << 18)

    /// Whether nothing but zeros is there. What is read is no secret if it is zeros, and else still in the file.
    func isZero(_ range: Range<UInt64>) throws(PadError) -> Bool {
        var rest = range
        while let stored = stored(in: rest) {
            let count = min(stored.count, Self.zeros.count)
            let read = try bytes(count, at: stored.lowerBound)
            let isZero = read.withUnsafeBytes { read in
                Self.zeros.withUnsafeBytes { zeros in
                    guard let read = read.baseAddress, let zeros = zeros.baseAddress else { return false }
                    return memcmp(read, zeros, count) == 0
                }
            }
            guard read.count == count, isZero else { return false }
            rest = stored.lowerBound + UInt64(count)..<range.upperBound
        }
        return true
    }

    /// What tells this file from any copy of it: inode and, where it is known, time of birth.
    func identity() throws(PadError) -> [UInt64] { try Self.identity(of: descriptor) }

    static func identity(of descriptor: Int32) throws(PadError) -> [UInt64] {
        var identity: [UInt64] = [0, 0, 0, 0]
        let result = pfs_file_identity(descriptor, &identity)
        guard result == 0 else { throw PadError(errno: -result) }
        return Array(identity.dropFirst())
    }

    /// Reads up to the end of the file or of the buffer.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(PadError) -> Int {
        var done = 0
        while done < buffer.count, let base = buffer.baseAddress {
            let count = pread(descriptor, base + done, buffer.count - done, off_t(offset) + off_t(done))
            if count == 0 { break }
            if count < 0, errno == EINTR { continue }
            done += try check(count)
        }
        return done
    }

    /// At most `bound` bytes from `offset`.
    func bytes(_ bound: Int, at offset: UInt64) throws(PadError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: bound)
        let count = try bytes.withMutableRawBytes { buffer throws(PadError) -> Int in try read(into: buffer, at: offset)
        }
        return Array(bytes.prefix(count))
    }
}
