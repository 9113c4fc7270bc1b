internal import Glibc
internal import PacketFSWire

/// The walk of a scan: depth first, with one folder open at a time, so that depth costs no descriptors.
struct TreeWalk {
    /// An entry with what the manifest does not say.
    struct Found {
        var entry: ManifestEntry
        var stat: StatKey
        var hasOtherNames: Bool
        var root: UInt16
    }

    private let excludes: ExcludeList
    private let bound: Int
    /// Entries that are found or listed, and the bytes of their paths.
    private var entries = 0
    private var pathBytes = 0
    private var roots: [SourceRoot] = []
    private var found: [Found] = []
    private var problems: [ScanProblem] = []
    private var attributes = AttributeReader()
    private var sources = 0

    init(excludes: ExcludeList, bound: Int) {
        self.excludes = excludes
        self.bound = bound
    }

    /// Memory is bounded while the tree is listed: what no manifest holds is not collected first.
    private mutating func count(_ listed: [Found]) throws(SystemError) {
        entries += listed.count
        pathBytes += listed.reduce(0) { $0 + $1.entry.path.count }
        guard entries + problems.count <= bound, pathBytes <= Limits.pathBytes else { throw SystemError(E2BIG) }
    }

    /// Takes in one source with all that is beneath.
    mutating func add(_ source: SourcePath, beneath base: Confinement?) throws(SystemError) {
        guard roots.count < Limits.sources else { throw SystemError(E2BIG) }
        sources += 1
        if let base, let name = source.name, base.isNamed(by: source) {
            return try addNamed(base.root.open([], flags: O_RDONLY | O_DIRECTORY), Array(name.utf8))
        }
        let opened = base?.openFolder(source.folder) ?? Self.open(source.folder)
        guard opened >= 0 else { throw SystemError(-opened) }
        let folder = SourceRoot(descriptor: opened, prefix: [])
        guard let name = source.name else { return try addFolder(folder, path: []) }
        var status = stat()
        guard fstatat(opened, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw SystemError(errno) }
        if status.st_mode & S_IFMT == S_IFDIR {
            try addNamed(folder.open(Array(name.utf8), flags: O_RDONLY | O_DIRECTORY), Array(name.utf8))
        } else {
            roots.append(folder)
            if let entry = look(at: Array(name.utf8), in: opened, beneath: []) {
                try count([entry])
                found.append(entry)
            }
        }
    }

    /// A folder under its own name; `opened` is negative errno if it could not be opened.
    private mutating func addNamed(_ opened: Int32, _ name: [UInt8]) throws(SystemError) {
        guard opened >= 0 else { throw SystemError(-opened) }
        let root = SourceRoot(descriptor: opened, prefix: name + [UInt8(ascii: "/")])
        if !excludes.excludes(path: name, isFolder: true) { try addFolder(root, path: name) }
    }

    private static func open(_ path: String) -> Int32 {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        return descriptor < 0 ? -errno : descriptor
    }

    /// The folder of `root` itself, then everything beneath it.
    private mutating func addFolder(_ root: SourceRoot, path: [UInt8]) throws(SystemError) {
        var status = stat()
        guard fstat(root.descriptor, &status) == 0 else { throw SystemError(errno) }
        roots.append(root)
        var top = make(path, status, kind: .folder)
        var isWhole = true
        top.entry.attributes = attributes.attributes(of: ".", in: root.descriptor, isWhole: &isWhole)
        if !isWhole { problems.append(ScanProblem(path: path, reason: .attribute)) }
        try count([top])
        var pending = [[top]]
        while var level = pending.popLast() {
            guard let next = level.popLast() else { continue }
            pending.append(level)
            found.append(next)
            guard next.entry.kind == .folder else { continue }
            let children = try children(of: next.entry.path, root: root)
            try count(children)
            pending.append(children)
        }
    }

    /// What a folder holds, last name first, without what is on its way into it.
    private mutating func children(of path: [UInt8], root: SourceRoot) throws(SystemError) -> [Found] {
        let descriptor = root.open(path, flags: O_RDONLY | O_DIRECTORY)
        guard descriptor >= 0 else {
            problems.append(ScanProblem(path: path, reason: .folderUnreadable(errno: -descriptor)))
            return []
        }
        var children: [Found] = []
        do throws(SystemError) {
            try FolderReader.withNames(in: descriptor, atMost: bound) { names in
                children.reserveCapacity(names.count)
                for name in names.reversed() where !UnfinishedName.matches(name) {
                    if let child = look(at: name, in: descriptor, beneath: path) { children.append(child) }
                }
            }
        } catch {
            if error.number == E2BIG { throw error }
            problems.append(ScanProblem(path: path, reason: .folderUnreadable(errno: error.number)))
        }
        return children
    }

    private mutating func look(at name: [UInt8], in folder: Int32, beneath parent: [UInt8]) -> Found? {
        var path: [UInt8] = []
        path.reserveCapacity(parent.count + name.count + 2)
        if !parent.isEmpty {
            path.append(contentsOf: parent)
            path.append(UInt8(ascii: "/"))
        }
        let start = path.count
        path.append(contentsOf: name)
        guard path.count <= Limits.path else { return refuse(path, .pathTooLong) }
        path.append(0)
        defer { path.removeLast() }
        return path.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            let name = base.advanced(by: start).assumingMemoryBound(to: CChar.self)
            return look(at: name, in: folder, path: Array(bytes.dropLast()))
        }
    }

    private mutating func look(at name: UnsafePointer<CChar>, in folder: Int32, path: [UInt8]) -> Found? {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            // Gone since its folder was listed: as if it had gone before.
            return errno == ENOENT ? nil : refuse(path, .unreadable(errno: errno))
        }
        let kind = Self.kind(of: status)
        guard !excludes.excludes(path: path, isFolder: kind == .folder) else { return nil }
        guard let kind else { return refuse(path, .unsupportedKind) }
        var found = make(path, status, kind: kind)
        guard found.entry.size <= Limits.fileSize else { return refuse(path, .tooLarge) }
        if kind == .symlink {
            guard let target = Self.target(of: name, in: folder) else { return refuse(path, .unreadable(errno: errno)) }
            found.entry.target = target
        } else {
            var isWhole = true
            found.entry.attributes = attributes.attributes(of: name, in: folder, isWhole: &isWhole)
            if !isWhole { problems.append(ScanProblem(path: path, reason: .attribute)) }
        }
        return found
    }

    private mutating func refuse(_ path: [UInt8], _ reason: ScanProblem.Reason) -> Found? {
        problems.append(ScanProblem(path: path, reason: reason))
        return nil
    }

    private func make(_ path: [UInt8], _ status: stat, kind: EntryKind) -> Found {
        let key = StatKey(status)
        let isFile = kind == .file
        let entry = ManifestEntry(
            path: path, kind: kind, mode: UInt16(truncatingIfNeeded: status.st_mode & 0o7777),
            modified: key.modified, owner: status.st_uid, group: status.st_gid, size: isFile ? key.size : 0,
            isSparse: isFile && Int64(status.st_blocks) * 512 < Int64(status.st_size))
        return Found(
            entry: entry, stat: key, hasOtherNames: isFile && status.st_nlink > 1,
            root: UInt16(truncatingIfNeeded: roots.count - 1))
    }

    private static func kind(of status: stat) -> EntryKind? {
        switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .folder
        case S_IFLNK: .symlink
        default: nil
        }
    }

    private static func target(of name: UnsafePointer<CChar>, in folder: Int32) -> [UInt8]? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
            guard let base = buffer.baseAddress else { return nil }
            let count = readlinkat(folder, name, base, buffer.count)
            guard count > 0, count < buffer.count else { return nil }
            return buffer[..<count].map { UInt8(bitPattern: $0) }
        }
    }

    consuming func finish(started: FileTime) throws(PlanError) -> ScannedTree {
        if sources > 1 { merge() }
        linkNames()
        let isSingleFile = sources == 1 && found.count == 1 && found.first?.entry.kind != .folder
        return ScannedTree(
            manifest: Manifest(entries: found.map(\.entry)), problems: problems, started: started,
            isSingleFile: isSingleFile, stats: found.map(\.stat), rootNumbers: found.map(\.root), roots: roots)
    }
}

extension TreeWalk {
    /// Brings several sources into one order; of two entries with one path the earlier source's travels.
    private mutating func merge() {
        let order = found.indices.sorted { left, right in
            let (first, second) = (found[left].entry.path, found[right].entry.path)
            return PathOrder.precedes(first, second) || (first == second && left < right)
        }
        var merged: [Found] = []
        merged.reserveCapacity(found.count)
        for index in order {
            let next = found[index]
            guard let last = merged.last else {
                merged.append(next)
                continue
            }
            if last.entry.path == next.entry.path {
                if last.entry.kind != .folder || next.entry.kind != .folder {
                    problems.append(ScanProblem(path: next.entry.path, reason: .duplicate))
                }
            } else if last.entry.kind != .folder && PathOrder.isBeneath(next.entry.path, last.entry.path) {
                problems.append(ScanProblem(path: next.entry.path, reason: .duplicate))
            } else {
                merged.append(next)
            }
        }
        found = merged
    }

    /// Later names of one file become hard links to the first.
    private mutating func linkNames() {
        struct Inode: Hashable {
            let device: UInt64
            let number: UInt64
        }
        var first: [Inode: Int] = [:]
        for index in found.indices where found[index].hasOtherNames {
            let inode = Inode(device: found[index].stat.device, number: found[index].stat.inode)
            if let earlier = first[inode] {
                found[index].entry.kind = .hardLink
                found[index].entry.linked = earlier
                found[index].entry.size = 0
                found[index].entry.isSparse = false
                found[index].entry.attributes = []
            } else {
                first[inode] = index
            }
        }
    }
}
