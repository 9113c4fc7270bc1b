import CLinux
import Glibc

/// Opens the folders of a tree beneath its root, and keeps the latest open.
///
/// A folder is opened from the root in one step that neither `..` nor a link can lead astray; a link that is put in its
/// place afterwards is not followed either, since the open folder is used, not its path.
struct FolderCache {
    private let root: Folder?
    /// Folders that are open at once.
    private let capacity: Int
    private var open: [[UInt8]: (folder: Folder, used: UInt64)] = [:]
    private var clock: UInt64 = 0
    /// Names mostly follow others of their folder.
    private var latest: (path: [UInt8], folder: Folder)?

    init(root: Folder?, capacity: Int = 48) {
        self.root = root
        self.capacity = capacity
    }

    /// The folder at `path`, components joined by `/`; the root for the empty path.
    mutating func folder(at path: [UInt8]) throws(FileFault) -> Folder {
        guard let root else { throw .system(ENOENT) }
        guard !path.isEmpty else { return root }
        if let latest, latest.path == path { return latest.folder }
        let folder = try lookUp(path, beneath: root)
        latest = (path, folder)
        return folder
    }

    private mutating func lookUp(_ path: [UInt8], beneath root: Folder) throws(FileFault) -> Folder {
        clock += 1
        if let known = open[path] {
            open[path]?.used = clock
            return known.folder
        }
        let folder = try Folder(Self.openBeneath(root, path, O_RDONLY))
        if open.count >= capacity { evict() }
        open[path] = (folder, clock)
        return folder
    }

    /// The folder at `path` as a place alone, which needs no permission for the folder itself.
    func place(at path: [UInt8]) throws(FileFault) -> OpenFile {
        guard let root else { throw .system(ENOENT) }
        return path.isEmpty ? root.file : try Self.openBeneath(root, path, pfs_place)
    }

    /// To be called when a folder was replaced or removed.
    mutating func forget() {
        open = [:]
        latest = nil
    }

    private mutating func evict() {
        let half = open.values.map(\.used).sorted()[open.count / 2]
        open = open.filter { $0.value.used > half }
    }

    private static func openBeneath(_ root: Folder, _ path: [UInt8], _ flags: Int32) throws(FileFault) -> OpenFile {
        for component in path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard Name(component) != nil else { throw .system(EXDEV) }
        }
        // EAGAIN: something along the path was renamed meanwhile.
        for _ in 0..<16 {
            let opened = withTerminated(path + [0]) { pfs_open_beneath(root.descriptor, $0, flags | O_DIRECTORY, 0) }
            if opened == -ENOSYS { return try walk(from: root, path, flags) }
            if opened != -EAGAIN { return OpenFile(try checkShim(opened)) }
        }
        throw .system(EAGAIN)
    }

    /// For kernels without `openat2`.
    static func walk(from root: Folder, _ path: [UInt8], _ flags: Int32 = O_RDONLY) throws(FileFault) -> OpenFile {
        var last = root.file
        for component in path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let name = Name(component) else { throw .system(EXDEV) }
            let opened = name.withCString { pfs_openat(last.descriptor, $0, flags | O_DIRECTORY | O_NOFOLLOW, 0) }
            last = OpenFile(try checkShim(opened))
        }
        return last
    }
}
