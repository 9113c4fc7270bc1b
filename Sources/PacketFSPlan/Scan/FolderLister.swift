internal import Dispatch
internal import Glibc
internal import PacketFSWire
internal import Synchronization

/// Lists the folders of one source. With each that is asked for come some that will be asked for soon, for many entries are
/// looked at faster than few, on more than one processor.
struct FolderLister {
    /// How many folders are open at once.
    private static let folders = 32
    /// Names that are enough for one go.
    private static let enough = 2048
    /// How many of the entries that come next are searched for folders.
    private static let ahead = 256
    /// Names of a folder that are looked at in one piece, as a rule; and of one that has more.
    private static let (whole, piece) = (512, 64)

    let root: SourceRoot
    let look: EntryLook
    let bound: Int
    let isParallel: Bool
    private var listed: [[UInt8]: [FoundEntry]] = [:]
    /// Folders that have too many names to be listed before they are asked for.
    private var large: Set<[UInt8]> = []

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

    /// What came of listing a folder.
    private enum Listing: Sendable {
        /// There was enough, or it is not to be listed before it is asked for.
        case left(isLarge: Bool)
        case failed(SystemError)
        case looked(Looked)
        /// It is still to be looked at, in pieces.
        case names(FolderNames)
    }

    /// The first of the folders, and others as long as there is not enough.
    private mutating func list(
        _ paths: [[UInt8]], _ taking: (Looked) throws(SystemError) -> Void
    ) throws(SystemError) {
        for (path, listing) in zip(paths, listings(of: paths)) {
            let looked: Looked
            switch listing {
            case .left(let isLarge):
                if isLarge { large.insert(path) }
                continue
            case .failed(let error):
                if error.number == E2BIG { throw error }
                looked = Looked(problems: [ScanProblem(path: path, reason: .folderUnreadable(errno: error.number))])
            case .looked(let whole): looked = whole
            case .names(let folder): looked = looks(into: folder)
            }
            listed[path] = looked.entries
            try taking(looked)
        }
    }

    /// Folders that will be asked for soon.
    private func next(of pending: [[FoundEntry]]) -> [[UInt8]] {
        guard isParallel else { return [] }
        var paths: [[UInt8]] = []
        var searched = 0
        for level in pending.reversed() {
            for index in level.indices.reversed() {
                guard searched < Self.ahead, paths.count < Self.folders - 1 else { return paths }
                searched += 1
                guard level[index].entry.kind == .folder else { continue }
                let path = level[index].entry.path
                if listed[path] == nil, !large.contains(path) { paths.append(path) }
            }
        }
        return paths
    }

    private func listings(of paths: [[UInt8]]) -> [Listing] {
        let results = Mutex([Listing](repeating: .left(isLarge: false), count: paths.count))
        let names = Atomic(0)
        perform(paths.count) { number in
            let isFirst = number == 0
            guard isFirst || names.load(ordering: .relaxed) < Self.enough else { return }
            let listing = listing(of: paths[number], atMost: isFirst ? bound : Self.enough, isAhead: !isFirst) {
                names.add($0, ordering: .relaxed)
            }
            results.withLock { $0[number] = listing }
        }
        return results.withLock(\.self)
    }

    private func listing(of path: [UInt8], atMost bound: Int, isAhead: Bool, count: (Int) -> Void) -> Listing {
        do throws(SystemError) {
            let folder = try FolderNames(of: path, beneath: root, atMost: bound)
            count(folder.names.count)
            guard folder.names.count <= Self.whole else { return .names(folder) }
            return .looked(look.at(folder.names, in: folder.descriptor, beneath: path))
        } catch {
            return isAhead && error.number == E2BIG ? .left(isLarge: true) : .failed(error)
        }
    }

    /// What is in a folder of many names.
    private func looks(into folder: FolderNames) -> Looked {
        let pieces = folder.names.indices.split(by: Self.piece)
        let results = Mutex([Looked](repeating: Looked(), count: pieces.count))
        perform(pieces.count) { number in
            let looked = look.at(folder.names[pieces[number]], in: folder.descriptor, beneath: folder.path)
            results.withLock { $0[number] = looked }
        }
        return results.withLock(\.self).reduce(into: Looked()) { $0.append($1) }
    }

    private func perform(_ count: Int, _ work: @Sendable (Int) -> Void) {
        if isParallel, count > 1 {
            DispatchQueue.concurrentPerform(iterations: count, execute: work)
        } else {
            (0..<count).forEach(work)
        }
    }
}
