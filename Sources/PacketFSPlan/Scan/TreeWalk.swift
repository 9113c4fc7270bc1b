internal import Glibc
internal import PacketFSWire

/// The walk of a scan: depth first. A few of the folders that come next are listed together, so that what is in them is
/// looked at on several processors; no others are open, so that depth costs no descriptors.
struct TreeWalk {
    private let excludes: ExcludeList
    private let bound: Int
    private let isParallel: Bool
    private let isWanted: @Sendable () -> Bool
    private let budget: ScanBudget
    /// Entries that are found or listed.
    private var entries = 0
    private var roots: [SourceRoot] = []
    private var found = FoundTree()
    private var problems: [ScanProblem] = []
    private var sources = 0

    init(_ options: ScanOptions) {
        excludes = options.excludes
        bound = options.bound
        budget = ScanBudget(bound: options.byteBound)
        isParallel = options.confinement == nil
        isWanted = options.isWanted
    }

    /// What looks at the entries of the source that was added last.
    private var look: EntryLook {
        EntryLook(excludes: excludes, root: UInt16(truncatingIfNeeded: roots.count - 1), budget: budget)
    }

    /// Memory is bounded while the tree is listed: what no manifest holds is not collected first.
    private mutating func take(_ looked: Looked) throws(SystemError) {
        problems += looked.problems
        entries += looked.entries.count
        guard entries + problems.count <= bound, !budget.isExceeded else { throw SystemError(E2BIG) }
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
            let look = look.at([Array(name.utf8)], in: opened, beneath: [])
            try take(look)
            for entry in look.entries { found.append(entry) }
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
        roots.append(root)
        let top = try look.atFolder(root.descriptor, path: path)
        try take(top)
        var lister = FolderLister(root: root, look: look, bound: bound, isParallel: isParallel)
        var pending = [top.entries]
        while var level = pending.popLast() {
            guard isWanted() else { throw SystemError(ECANCELED) }
            guard let next = level.popLast() else { continue }
            pending.append(level)
            found.append(next)
            guard next.entry.kind == .folder else { continue }
            pending.append(
                try lister.children(of: next.entry.path, before: pending) { looked throws(SystemError) in
                    try take(looked)
                })
        }
    }

    consuming func finish(started: FileTime) throws(PlanError) -> ScannedTree {
        if sources > 1 { merge() }
        found.linkNames()
        let isSingleFile = sources == 1 && found.entries.count == 1 && found.entries[0].kind != .folder
        return ScannedTree(
            manifest: Manifest(entries: found.entries), problems: problems, started: started,
            isSingleFile: isSingleFile, stats: found.stats, rootNumbers: found.roots, roots: roots)
    }
}

extension TreeWalk {
    /// Brings several sources into one order; of two entries with one path the earlier source's travels.
    private mutating func merge() {
        let entries = found.entries
        let order = entries.indices.sorted { left, right in
            let (first, second) = (entries[left].path, entries[right].path)
            return PathOrder.precedes(first, second) || (first == second && left < right)
        }
        var merged: [Int] = []
        merged.reserveCapacity(order.count)
        for index in order {
            let next = entries[index]
            guard let last = merged.last.map({ entries[$0] }) else {
                merged.append(index)
                continue
            }
            if last.path == next.path {
                if last.kind != .folder || next.kind != .folder {
                    problems.append(ScanProblem(path: next.path, reason: .duplicate))
                }
            } else if last.kind != .folder && PathOrder.isBeneath(next.path, last.path) {
                problems.append(ScanProblem(path: next.path, reason: .duplicate))
            } else {
                merged.append(index)
            }
        }
        found = found.picked(merged)
    }
}

/// What a scan found, by columns.
private struct FoundTree {
    private(set) var entries: [ManifestEntry] = []
    private(set) var stats: [StatKey] = []
    /// The number of each entry's source.
    private(set) var roots: [UInt16] = []
    /// Files that have other names, ascending.
    private var named: [Int] = []

    mutating func append(_ found: consuming FoundEntry) {
        if found.hasOtherNames { named.append(entries.count) }
        entries.append(found.entry)
        stats.append(found.stat)
        roots.append(found.root)
    }

    /// These entries, in this order.
    func picked(_ order: [Int]) -> FoundTree {
        var picked = FoundTree()
        let named = Set(named)
        picked.entries = order.map { entries[$0] }
        picked.stats = order.map { stats[$0] }
        picked.roots = order.map { roots[$0] }
        picked.named = order.indices.filter { named.contains(order[$0]) }
        return picked
    }

    /// Later names of one file become hard links to the first.
    mutating func linkNames() {
        struct Inode: Hashable {
            let device: UInt64
            let number: UInt64
        }
        var first: [Inode: Int] = [:]
        for index in named {
            let inode = Inode(device: stats[index].device, number: stats[index].inode)
            if let earlier = first[inode] {
                entries[index].kind = .hardLink
                entries[index].linked = earlier
                entries[index].size = 0
                entries[index].isSparse = false
                entries[index].attributes = []
            } else {
                first[inode] = index
            }
        }
    }
}
