internal import Dispatch
internal import Glibc
internal import PacketFSWire
internal import Synchronization

/// Lists the folders of one source. With each that is asked for come some that will be asked for soon, for many entries are
/// looked at faster than few, on more than one processor.
struct FolderLister {
    /// How many folders are open at once.
    private static let folders = 16
    /// Names that are enough for one go.
    private static let enough = 1024
    /// How many of the entries that come next are searched for folders.
    private static let ahead = 256
    /// Names that are looked at in one piece.
    private static let piece = 64

    let root: SourceRoot
    let look: EntryLook
    let bound: Int
    let isParallel: Bool
    private var listed: [[UInt8]: [FoundEntry]] = [:]

    init(root: SourceRoot, look: EntryLook, bound: Int, isParallel: Bool) {
        self.root = root
        self.look = look
        self.bound = bound
        self.isParallel = isParallel
    }

    /// What a folder holds, last name first, without what is on its way into it. To be asked for once. `pending`, whose
    /// last is the next, tells what else will be.
    ///
    /// - Parameter taking: is given what was found in each folder that is listed.
    mutating func children(
        of path: [UInt8], before pending: [[FoundEntry]], taking: (Looked) throws(SystemError) -> Void
    ) throws(SystemError) -> [FoundEntry] {
        if listed[path] == nil { try list([path] + next(of: pending), taking) }
        return listed.removeValue(forKey: path) ?? []
    }

    /// The first of the folders, and others as long as there is not enough.
    private mutating func list(
        _ paths: [[UInt8]], _ taking: (Looked) throws(SystemError) -> Void
    ) throws(SystemError) {
        var names = 0
        var folders: [FolderNames] = []
        for path in paths where names < Self.enough {
            do throws(SystemError) {
                let folder = try FolderNames(of: path, beneath: root, atMost: bound)
                names += folder.names.count
                folders.append(folder)
            } catch {
                if error.number == E2BIG { throw error }
                listed[path] = []
                try taking(Looked(problems: [ScanProblem(path: path, reason: .folderUnreadable(errno: error.number))]))
            }
        }
        for (folder, looked) in zip(folders, looks(into: folders)) {
            listed[folder.path] = looked.entries
            try taking(looked)
        }
    }

    /// Folders that will be asked for soon.
    private func next(of pending: [[FoundEntry]]) -> [[UInt8]] {
        guard isParallel else { return [] }
        var paths: [[UInt8]] = []
        var searched = 0
        for level in pending.reversed() {
            for found in level.reversed() {
                guard searched < Self.ahead, paths.count < Self.folders - 1 else { return paths }
                searched += 1
                if found.entry.kind == .folder, listed[found.entry.path] == nil { paths.append(found.entry.path) }
            }
        }
        return paths
    }

    /// What is in each of the folders.
    private func looks(into folders: [FolderNames]) -> [Looked] {
        let pieces = folders.indices.flatMap { folder in
            folders[folder].names.indices.split(by: Self.piece).map { (folder: folder, names: $0) }
        }
        let results = Mutex([Looked](repeating: Looked(), count: pieces.count))
        let lookAt = { @Sendable (number: Int) in
            let folder = folders[pieces[number].folder]
            let looked = look.at(folder.names[pieces[number].names], in: folder.descriptor, beneath: folder.path)
            results.withLock { $0[number] = looked }
        }
        if isParallel, pieces.count > 1 {
            DispatchQueue.concurrentPerform(iterations: pieces.count, execute: lookAt)
        } else {
            pieces.indices.forEach(lookAt)
        }
        var looks = [Looked](repeating: Looked(), count: folders.count)
        for (piece, looked) in zip(pieces, results.withLock(\.self)) { looks[piece.folder].append(looked) }
        return looks
    }
}

extension Range<Int> {
    fileprivate func split(by length: Int) -> [Range<Int>] {
        stride(from: lowerBound, to: upperBound, by: length).map { $0..<Swift.min($0 + length, upperBound) }
    }
}
