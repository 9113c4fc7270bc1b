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
    private var staged: [Int] = []
    private var stagedBytes: UInt64 = 0

    init(site: Site, table: EntryTable) {
        self.site = site
        self.table = table
    }

    /// Takes a file whose bytes are all verified.
    mutating func add(_ entry: Int, _ whole: FileWriter.Whole) throws(FileFault) {
        let changed = try MetadataWriter(site: site, table: table).apply(entry, to: whole.file, isNew: whole.isNew)
        // Whoever wrote what stands there need not have synced it.
        if whole.isFinal, changed || whole.isStanding { try site.calls.sync(whole.file) }
        guard !whole.isFinal else { return try commitInPlace(entry, whole) }
        table[entry] = .staged
        staged.append(entry)
        stagedBytes += table.manifest.entries[entry].size
    }

    mutating func flushIfFull() throws(RebuildError) {
        guard staged.count >= Self.batchFiles || stagedBytes >= Self.batchBytes else { return }
        try flush()
    }

    mutating func flush() throws(RebuildError) {
        let batch = staged.filter { table[$0] == .staged }
        staged = batch
        try sync(batch)
        for entry in batch {
            try table.attempt(entry) { () throws(FileFault) in try commit(entry) }
            if table[entry] == .failed { try table.attempt(entry) { () throws(FileFault) in try discard(entry) } }
        }
        staged = []
        stagedBytes = 0
    }

    private func sync(_ batch: [Int]) throws(RebuildError) {
        var devices: Set<UInt64> = []
        for entry in batch {
            try table.attempt(entry) { () throws(FileFault) in
                let (folder, _) = try location(entry)
                // A mode without read permission bars even the owner from opening the file.
                if batch.count <= Self.fewFiles, let file = try? folder.open(site.names.name(of: entry)) {
                    try site.calls.sync(file)
                } else if devices.insert(folder.device).inserted {
                    try site.calls.syncFileSystem(of: folder.file)
                }
            }
        }
    }

    private func commit(_ entry: Int) throws(FileFault) {
        guard table[entry] == .staged else { return }
        let (folder, path) = try location(entry)
        let temporary = site.names.name(of: entry)
        let verified = try folder.status(of: temporary).key
        try Replacer(site: site, table: table).put(temporary, at: path, in: folder)
        let status = try folder.status(of: path.name)
        // What others have put or written there since is not remembered as ours.
        committed(entry, status.hasContent(of: verified) ? status.key : nil)
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
