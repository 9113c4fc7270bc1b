import Glibc
import PacketFSTestKit

/// What stands beneath a folder, by what the system notes of each file: whoever writes, renames or touches one changes it.
struct Scene: Equatable {
    private var marks: [String: [Int]] = [:]

    /// - Parameter besides: paths that are left out, with what is beneath them.
    init(of folder: String, besides: Set<String>) {
        look(at: folder, besides)
    }

    private mutating func look(at path: String, _ besides: Set<String>) {
        var status = stat()
        guard !besides.contains(path), lstat(path, &status) == 0 else { return }
        marks[path] = [Int(status.st_mode), Int(status.st_ino), Int(status.st_uid)]
        if status.st_mode & S_IFMT == S_IFDIR {
            for name in Folder.names(in: path) { look(at: path + "/" + name, besides) }
        } else {
            let (content, change) = (status.st_mtim, status.st_ctim)
            marks[path]? += [Int(status.st_size), content.tv_sec, content.tv_nsec, change.tv_sec, change.tv_nsec]
        }
    }
}
