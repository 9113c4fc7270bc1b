import Glibc
import PacketFSWire

/// The destination as the parts of a commit share it: its folders, its temporary names, what may be asked of it.
final class Site {
    let rules: SiteRules
    let excludes: ExcludeList
    /// Whether what stands at the destination may stay where it is right.
    let comparesStanding: Bool
    let spread: Spread
    private let isWanted: @Sendable () -> Bool
    private let root: DestinationRoot
    private var cache: FolderCache
    /// Of a dry run: the paths that would go.
    private(set) var doomed: [[UInt8]] = []
    /// Folders in which names changed since they were last synced.
    private var dirty: Set<[UInt8]> = []
    private var latestDirty: [UInt8]?

    init(
        root: DestinationRoot, transfer: TransferID, options: TransferOptions, comparesStanding: Bool = false,
        gate: any WriteGate, isWanted: @escaping @Sendable () -> Bool = { true },
        spread: @escaping Spread = { count, work in (0..<count).forEach(work) }
    ) throws(RebuildError) {
        self.root = root
        self.comparesStanding = comparesStanding
        self.spread = spread
        self.isWanted = isWanted
        rules = SiteRules(
            calls: FileCalls(gate: gate), options: options, names: TempNames(transfer),
            setsOwner: options.keepsOwner && geteuid() == 0)
        cache = FolderCache(root: root.folder)
        do { excludes = try ExcludeList(options.excludes) } catch { throw .manifest(error) }
    }

    /// Scratch lies on the destination's file system; that of a dry run lies elsewhere.
    func scratch(_ number: Int) -> ScratchFile {
        guard options.isDryRun || root.folder == nil else {
            return ScratchFile(in: root.folder, name: names.scratch(number), calls: calls)
        }
        let elsewhere = try? DestinationRoot.open(base: "/tmp", creates: false)
        return ScratchFile(in: elsewhere?.folder, name: names.scratch(number), calls: FileCalls(gate: OpenGate()))
    }

    /// `nil` where a dry run looks at a destination that is not there.
    var rootFolder: Folder? { root.folder }

    func folder(at path: [UInt8]) throws(FileFault) -> Folder {
        try cache.folder(at: path)
    }

    /// The folder at `path`. One of ours whose mode bars us is opened up, until it gets its own mode or goes; `found` is
    /// the mode that it had.
    func openedUp(at path: [UInt8]) throws(FileFault) -> (folder: Folder, found: UInt16?) {
        var found: UInt16?
        if geteuid() != 0 {
            let place = try cache.place(at: path)
            let status = try place.status()
            if status.owner == geteuid(), status.permissions & 0o700 != 0o700 {
                try calls.setMode(status.permissions | 0o700, ofPlace: place)
                found = status.permissions
            }
        }
        return (try folder(at: path), found)
    }

    /// As `folder(at:)`, but `nil` if it, or a folder above it, is not there. To a dry run, neither is one in whose place
    /// something else stands: that would have given way.
    func folderIfAny(at path: [UInt8]) throws(FileFault) -> Folder? {
        do {
            return try cache.folder(at: path)
        } catch {
            guard error.isAbsence || (options.isDryRun && error.isNoFolder) else { throw error }
            return nil
        }
    }

    func expectWanted() throws(RebuildError) {
        guard isWanted() else { throw .givenUp }
    }

    func forgetFolders() {
        cache.forget()
    }

    func wouldRemove(_ path: [UInt8]) {
        doomed.append(path)
    }

    func touched(_ path: [UInt8]) {
        // Names mostly follow others of their folder.
        guard path != latestDirty else { return }
        latestDirty = path
        dirty.insert(path)
    }

    /// Makes the changed names durable.
    func syncFolders() throws(RebuildError) {
        do { try syncDirty() } catch { throw error.fatal ?? .inputOutput }
    }

    /// Folder by folder where they are few and open to us, else by file system.
    private func syncDirty() throws(FileFault) {
        let paths = dirty.sorted { $0.lexicographicallyPrecedes($1) }
        var devices: Set<UInt64> = []
        for path in paths {
            let (found, isBarred) = try folderOrRoot(at: path)
            guard let folder = found else { continue }
            if paths.count <= Site.fewFolders, !isBarred {
                try calls.sync(folder.file)
            } else if devices.insert(folder.device).inserted {
                try calls.syncFileSystem(of: folder.file)
            }
        }
        dirty = []
        latestDirty = nil
    }

    /// By now a folder may have a mode that bars us: the root lies on the same file system.
    private func folderOrRoot(at path: [UInt8]) throws(FileFault) -> (folder: Folder?, isBarred: Bool) {
        do throws(FileFault) {
            return (try folderIfAny(at: path), false)
        } catch  where error == .system(EACCES) {
            return (try folder(at: []), true)
        }
    }

    private static let fewFolders = 8
}

extension Site {
    var calls: FileCalls { rules.calls }
    var options: TransferOptions { rules.options }
    var names: TempNames { rules.names }
}
