import Glibc
import PacketFSWire

/// What `stat` says of a file, folder or link; a symbolic link is never followed.
struct FileStatus: Equatable {
    let key: StatKey
    /// Type and permission bits.
    let mode: UInt32
    let owner: UInt32
    let group: UInt32
    let links: UInt64

    init(_ raw: stat) {
        key = StatKey(
            device: UInt64(raw.st_dev), inode: UInt64(raw.st_ino), size: UInt64(max(0, raw.st_size)),
            modified: FileTime(raw.st_mtim), changed: FileTime(raw.st_ctim))
        mode = raw.st_mode
        owner = raw.st_uid
        group = raw.st_gid
        links = UInt64(raw.st_nlink)
    }

    var isFile: Bool { mode & S_IFMT == S_IFREG }
    var isFolder: Bool { mode & S_IFMT == S_IFDIR }
    var isSymlink: Bool { mode & S_IFMT == S_IFLNK }
    /// 0 to 0o7777.
    var permissions: UInt16 { UInt16(truncatingIfNeeded: mode & 0o7777) }

    func isSameObject(as other: StatKey) -> Bool {
        key.device == other.device && key.inode == other.inode
    }

    /// Whether owner, mode and time are the same.
    func hasMetadata(of other: FileStatus) -> Bool {
        mode == other.mode && owner == other.owner && group == other.group && key.modified == other.key.modified
    }

    /// Whether it holds the same bytes still; a new name or mode is no other content.
    func hasContent(of other: StatKey) -> Bool {
        isSameObject(as: other) && key.size == other.size && key.modified == other.modified
    }
}

extension FileTime {
    init(_ raw: timespec) {
        self.init(seconds: Int64(raw.tv_sec), nanoseconds: UInt32(clamping: raw.tv_nsec))
    }

    var timespec: timespec {
        Glibc.timespec(tv_sec: Int(seconds), tv_nsec: Int(min(nanoseconds, 999_999_999)))
    }
}
