internal import Glibc
internal import PacketFSWire

/// An entry with what the manifest does not say.
struct FoundEntry: Sendable {
    var entry: ManifestEntry
    var stat: StatKey
    var hasOtherNames: Bool
    var root: UInt16
}

/// What came of looking at some names.
struct Looked: Sendable {
    /// In the order of the names.
    var entries: [FoundEntry] = []
    var problems: [ScanProblem] = []

    mutating func append(_ more: Looked) {
        entries += more.entries
        problems += more.problems
    }
}

/// Looks at entries of one source.
struct EntryLook: Sendable {
    let excludes: ExcludeList
    /// The number of the source's folder.
    let root: UInt16
    let budget: ScanBudget

    /// What these names of a folder stand for, without what no longer exists or is excluded, or is beyond the budget.
    func at(_ names: some Collection<[UInt8]>, in folder: Int32, beneath parent: [UInt8]) -> Looked {
        var looked = Looked()
        looked.entries.reserveCapacity(names.count)
        for name in names where !budget.isExceeded { look(at: name, in: folder, beneath: parent, &looked) }
        return looked
    }

    /// The folder that is open itself.
    func atFolder(_ descriptor: Int32, path: [UInt8]) throws(SystemError) -> Looked {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemError(errno) }
        var looked = Looked()
        var found = make(path, status, kind: .folder)
        readAttributes(of: ".", in: descriptor, &found, &looked)
        budget.take(path: path.count)
        looked.entries = [found]
        return looked
    }

    private func look(at name: [UInt8], in folder: Int32, beneath parent: [UInt8], _ looked: inout Looked) {
        var path: [UInt8] = []
        path.reserveCapacity(parent.count + name.count + 1)
        if !parent.isEmpty {
            path.append(contentsOf: parent)
            path.append(UInt8(ascii: "/"))
        }
        path.append(contentsOf: name)
        guard path.count <= Limits.path else {
            refuse(path, .pathTooLong, &looked)
            return
        }
        withTerminated(name) { look(at: $0, in: folder, path: path, &looked) }
    }

    /// A name as C sees it; it is no longer than a path.
    private func withTerminated(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Void) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: name.count + 1) { buffer in
            guard let base = buffer.baseAddress else { return }
            name.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
            buffer[name.count] = 0
            body(base)
        }
    }

    private func look(at name: UnsafePointer<CChar>, in folder: Int32, path: [UInt8], _ looked: inout Looked) {
        func refuse(_ reason: ScanProblem.Reason) { self.refuse(path, reason, &looked) }
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            // Gone since its folder was listed: as if it had gone before.
            if errno != ENOENT { refuse(.unreadable(errno: errno)) }
            return
        }
        let kind = Self.kind(of: status)
        guard !excludes.excludes(path: path, isFolder: kind == .folder) else { return }
        guard let kind else { return refuse(.unsupportedKind) }
        var found = make(path, status, kind: kind)
        guard found.entry.size <= Limits.fileSize else { return refuse(.tooLarge) }
        if kind == .symlink {
            guard let target = Self.target(of: name, in: folder) else { return refuse(.unreadable(errno: errno)) }
            found.entry.target = target
            budget.take(detail: target.count)
        } else {
            readAttributes(of: name, in: folder, &found, &looked)
        }
        budget.take(path: path.count)
        looked.entries.append(found)
    }

    private func refuse(_ path: [UInt8], _ reason: ScanProblem.Reason, _ looked: inout Looked) {
        budget.take(detail: path.count)
        looked.problems.append(ScanProblem(path: path, reason: reason))
    }

    private func readAttributes(
        of name: UnsafePointer<CChar>, in folder: Int32, _ found: inout FoundEntry, _ looked: inout Looked
    ) {
        var isWhole = true
        found.entry.attributes = budget.take(AttributeReader.attributes(of: name, in: folder, isWhole: &isWhole))
        if !isWhole { looked.problems.append(ScanProblem(path: found.entry.path, reason: .attribute)) }
    }

    private func make(_ path: [UInt8], _ status: stat, kind: EntryKind) -> FoundEntry {
        let key = StatKey(status)
        let isFile = kind == .file
        let entry = ManifestEntry(
            path: path, kind: kind, mode: UInt16(truncatingIfNeeded: status.st_mode & 0o7777),
            modified: key.modified, owner: status.st_uid, group: status.st_gid, size: isFile ? key.size : 0,
            isSparse: isFile && Int64(status.st_blocks) * 512 < Int64(status.st_size))
        return FoundEntry(entry: entry, stat: key, hasOtherNames: isFile && status.st_nlink > 1, root: root)
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
}
