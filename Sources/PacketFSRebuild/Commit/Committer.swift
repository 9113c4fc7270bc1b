import Glibc
import PacketFSWire

/// Makes whole files durable and gives them their final names, many at a time.
struct Committer {
    /// A batch is committed at this many files or bytes.
    private static let batchFiles = 4096
    private static let batchBytes: UInt64 = 256 << 20
    /// Up to this many files are synced one by one, not with all of their file system.
    private static let fewFiles = 8

    let site: Site
    let table: EntryTable
    private var staged: [Staged] = []
    private var stagedBytes: UInt64 = 0

    /// A file under its temporary name, and what it was when it was whole.
    private struct Staged {
        let entry: Int
        let verified: StatKey
    }

    init(site: Site, table: EntryTable) {
        self.site = site
        self.table = table
    }

    /// Takes a file whose bytes are all verified.
    mutating func add(_ entry: Int, _ whole: FileWriter.Whole) throws(FileFault) {
        _ = try table.applyMetadata(of: entry, to: whole.file, isNew: whole.isNew, site.rules)
        guard !whole.isFinal else {
            // Whoever wrote what stands there need not have synced it.
            try site.calls.sync(whole.file)
            return try commitInPlace(entry, whole)
        }
        stage(entry, try whole.file.status().key)
    }

    mutating func add(_ entry: Int, _ new: NewFile) {
        if !new.hasMetadata { table.noteFailure(entry, .metadata) }
        stage(entry, new.stat)
    }

    private mutating func stage(_ entry: Int, _ verified: StatKey) {
        table[entry] = .staged
        staged.append(Staged(entry: entry, verified: verified))
        stagedBytes += table.manifest.entries[entry].size
    }

    /// Whether it is time to flush.
    var isFull: Bool { staged.count >= Self.batchFiles || stagedBytes >= Self.batchBytes }

    mutating func flush() throws(RebuildError) {
        staged.removeAll { table[$0.entry] != .staged }
        try sync(staged.map(\.entry))
        try commit(staged.filter { table[$0.entry] == .staged })
        for file in staged where table[file.entry] == .failed {
            try table.attempt(file.entry) { () throws(FileFault) in try discard(file.entry) }
        }
        staged = []
        stagedBytes = 0
    }

    private func sync(_ batch: [Int]) throws(RebuildError) {
        guard batch.count > Self.fewFiles else { return try syncOneByOne(batch) }
        var synced = SyncedFileSystems(calls: site.calls)
        for entry in batch {
            let parent = table.manifest.entries[entry].path.parent
            try table.attempt(entry) { () throws(FileFault) in
                try synced.sync(parent) { () throws(FileFault) in try site.folder(at: Array(parent)) }
            }
        }
    }

    private func syncOneByOne(_ batch: [Int]) throws(RebuildError) {
        for entry in batch {
            try table.attempt(entry) { () throws(FileFault) in
                let (folder, _) = try location(entry)
                // A mode without read permission bars even the owner from opening the file.
                if let file = try? folder.open(site.names.name(of: entry)) {
                    try site.calls.sync(file)
                } else {
                    try site.calls.syncFileSystem(of: folder.file)
                }
            }
        }
    }

    /// Gives the files their final names.
    private func commit(_ batch: [Staged]) throws(RebuildError) {
        let (rules, entries) = (site.rules, table.manifest.entries)
        let outcomes = site.outcomes(of: batch) { file, folders throws(FileFault) in
            guard let path = EntryPath(entries[file.entry].path) else { throw .system(EXDEV) }
            let folder = try folders.folder(at: path.folder)
            try rules.calls.rename(rules.names.name(of: file.entry), to: path.name, in: folder)
            return Result { () throws(FileFault) in try folder.status(of: path.name) }
        }
        for (file, outcome) in zip(batch, outcomes) {
            guard let outcome else { continue }
            try table.attempt(file.entry) { () throws(FileFault) in
                if case .failure(.system(EISDIR)) = outcome { return try displaceFolder(with: file) }
                let status = try outcome.get()
                site.touched(Array(entries[file.entry].path.parent))
                committed(file, try status.get())
            }
        }
    }

    private func displaceFolder(with file: Staged) throws(FileFault) {
        let (folder, path) = try location(file.entry)
        try Replacer(site: site, table: table).put(site.names.name(of: file.entry), at: path, in: folder)
        committed(file, try folder.status(of: path.name))
    }

    /// What others have put or written there since is not remembered as ours.
    private func committed(_ file: Staged, _ status: FileStatus) {
        committed(file.entry, status.hasContent(of: file.verified) ? status.key : nil)
    }

    /// The file was under its final name, and was opened there before its bytes were read. Who gave it that name may have
    /// been killed before the folder was synced.
    private func commitInPlace(_ entry: Int, _ whole: FileWriter.Whole) throws(FileFault) {
        let (folder, path) = try location(entry)
        let status = try folder.status(of: path.name)
        guard try status.isSameObject(as: whole.file.status().key) else { throw .system(EBUSY) }
        site.touched(path.folder)
        committed(entry, status.key, isStanding: whole.isStanding)
    }

    private func committed(_ entry: Int, _ stat: StatKey?, isStanding: Bool = false) {
        table[entry] = .committed
        table.stats[entry] = stat
        guard !isStanding else { return table.filesKept += 1 }
        table.filesWritten += 1
        table.bytesWritten += table.manifest.entries[entry].size
    }

    private func discard(_ entry: Int) throws(FileFault) {
        let (folder, _) = try location(entry)
        try site.calls.removeIfAny(site.names.name(of: entry), in: folder)
    }

    private func location(_ entry: Int) throws(FileFault) -> (Folder, EntryPath) {
        guard let path = EntryPath(table.manifest.entries[entry].path) else { throw .system(EXDEV) }
        return (try site.folder(at: path.folder), path)
    }
}

/// The file systems that a batch lies on, each synced once.
struct SyncedFileSystems {
    let calls: FileCalls
    private var devices: Set<UInt64> = []
    private var latest: ArraySlice<UInt8>?

    init(calls: FileCalls) {
        self.calls = calls
    }

    /// That of a folder. One that cannot be opened is tried again for its next file.
    mutating func sync(_ path: ArraySlice<UInt8>, _ open: () throws(FileFault) -> Folder) throws(FileFault) {
        guard path != latest else { return }
        let folder = try open()
        if !devices.contains(folder.device) { try calls.syncFileSystem(of: folder.file) }
        devices.insert(folder.device)
        latest = path
    }
}
