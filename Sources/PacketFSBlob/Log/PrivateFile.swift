private import CLinux
import Glibc

/// An open regular file of ours that nobody else may read or write.
struct PrivateFile: ~Copyable {
    let descriptor: Int32
    /// Whether this call made the file, as far as its length tells: it was empty.
    let wasEmpty: Bool

    init(path: String, create: Bool) throws(BlobError) {
        let result = packetfs_blob_open(path, create ? 1 : 0)
        guard result >= 0 else { throw BlobError(errno: -result) }
        var status = stat()
        guard fstat(result, &status) == 0 else {
            let number = errno
            close(result)
            throw BlobError(errno: number)
        }
        if let refusal = Self.refusal(status) {
            close(result)
            throw refusal
        }
        descriptor = result
        wasEmpty = status.st_size == 0
    }

    deinit {
        close(descriptor)
    }

    private static func refusal(_ status: stat) -> BlobError? {
        guard status.st_mode & S_IFMT == S_IFREG else { return .notAFile }
        guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else { return .notPrivate }
        return nil
    }

    /// Its length now, in bytes; 0 if the system does not say.
    var size: UInt64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? UInt64(max(0, status.st_size)) : 0
    }

    /// Bytes that it takes on the disk; 0 if the system does not say.
    var allocated: UInt64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? UInt64(max(0, status.st_blocks)) * 512 : 0
    }
}

/// Whole reads and writes at an offset.
package enum FileBytes {
    /// Writes all bytes, or throws.
    package static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: UInt64
    ) throws(BlobError) {
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let count = pwrite(descriptor, base + done, bytes.count - done, off_t(offset) + off_t(done))
            if count > 0 {
                done += count
            } else if count == 0 {
                throw .diskFull
            } else if errno != EINTR {
                throw BlobError(errno: errno)
            }
        }
    }

    /// Reads until the buffer is full, the file ends or the system fails; returns the bytes read.
    package static func read(from descriptor: Int32, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer)
        -> Int
    {
        guard let base = buffer.baseAddress else { return 0 }
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, base + done, buffer.count - done, off_t(offset) + off_t(done))
            if count > 0 {
                done += count
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        return done
    }

    /// Makes the names in the folder of `path` durable.
    static func syncFolder(of path: String) throws(BlobError) {
        let folder: String
        if let slash = path.lastIndex(of: "/") {
            folder = slash == path.startIndex ? "/" : String(path[..<slash])
        } else {
            folder = "."
        }
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BlobError(errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw BlobError(errno: errno) }
    }
}
