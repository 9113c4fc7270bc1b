internal import CLinux
internal import Glibc
internal import PacketFSWire

/// An open folder that entries of a tree are read beneath, never through a symlink. Closed when let go.
package final class SourceRoot: Sendable {
    let descriptor: Int32
    /// What precedes the path beneath this folder in the manifest, with its `/`; empty for none.
    let prefix: [UInt8]

    init(descriptor: Int32, prefix: [UInt8]) {
        self.descriptor = descriptor
        self.prefix = prefix
    }

    deinit { close(descriptor) }

    /// Opens an entry by its path in the manifest; negative errno on failure.
    func open(_ path: [UInt8], flags: Int32) -> Int32 {
        var path = path
        path.append(0)
        return path.withUnsafeBytes { open(terminated: $0, flags: flags) }
    }

    /// As above, for a path that ends with NUL.
    func open(terminated path: UnsafeRawBufferPointer, flags: Int32) -> Int32 {
        // The root folder's own entry is its prefix without the `/`.
        let skipped = min(prefix.count, path.count - 1)
        guard let start = path.baseAddress?.advanced(by: skipped).assumingMemoryBound(to: CChar.self) else {
            return -EINVAL
        }
        return clinux_source_open(descriptor, start, flags)
    }
}

extension StatKey {
    init(_ status: stat) {
        self.init(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: UInt64(max(0, status.st_size)),
            modified: FileTime(status.st_mtim), changed: FileTime(status.st_ctim))
    }
}

extension FileTime {
    /// A file system may keep times that no manifest holds; they become the nearest that one does.
    init(_ time: timespec) {
        let seconds = min(max(Int64(time.tv_sec), -Limits.seconds), Limits.seconds)
        self.init(seconds: seconds, nanoseconds: UInt32(clamping: time.tv_nsec))
    }
}
