import CLinux
import Glibc
import PacketFSBlob
import PacketFSWire

/// Brings verified bytes into temporary files beside their final names, and knows which file is whole.
struct FileWriter {
    private enum Place {
        /// Nothing is on disk.
        case nowhere
        case temporary
        /// The final name holds right bytes already, as far as they came; a first other byte makes it `temporary`. With
        /// what the file was before the first of them was read: one that changes afterwards is not what was verified. It
        /// is opened for each use: a leaf may hold the bytes of a million files.
        case final(StatKey)
    }

    private struct Progress {
        var remaining: UInt64
        var place: Place
        /// What is in the file beyond the bytes written now is not zeros.
        var hasOldBytes: Bool
        /// The file was under its final name before any transfer that we know of wrote it there.
        var isStanding = false
    }

    let site: Site
    let table: EntryTable
    private var leftovers: Leftovers?
    private var progress: [Int: Progress] = [:]
    /// What stands is read into it.
    private lazy var compared = Block(byteCount: 256 << 10)

    init(site: Site, table: EntryTable, leftovers: Leftovers?) {
        self.site = site
        self.table = table
        self.leftovers = leftovers
    }

    mutating func adoptLeftovers(sent: [Int]) throws(RebuildError) {
        try leftovers?.adopt(for: table, sent: sent, at: site)
    }

    /// Whether the destination has nothing of an entry that could be taken for its bytes.
    func isNew(_ entry: Int) -> Bool {
        !site.comparesStanding && progress[entry] == nil && leftovers?.isAdopted(entry) != true
    }

    /// Reads what the destination has of an entry; `false` if it has not all of it.
    mutating func read(_ entry: Int, at offset: UInt64, into target: UnsafeMutableRawBufferPointer) -> Bool {
        guard table[entry] == .waiting else { return false }
        var progress = start(entry)
        if case .nowhere = progress.place {
            guard let file = leftovers?.committedFile(of: entry, in: table, at: site),
                let key = stayable(file, as: entry)
            else { return false }
            progress.place = .final(key)
            progress.hasOldBytes = true
            self.progress[entry] = progress
        }
        guard let file = try? openForReading(entry, progress.place) else { return false }
        return (try? file.read(into: target, at: offset)) == target.count
    }

    /// Writes verified bytes of an entry that come for the first time; returns the file once all of it is there.
    ///
    /// - Parameter inPlace: ranges of `bytes` that were read from the destination, and need no writing.
    mutating func put(
        _ bytes: UnsafeRawBufferPointer, of entry: Int, at offset: UInt64, inPlace: [Range<Int>]
    ) throws(FileFault) -> Whole? {
        var current = start(entry)
        progress[entry] = nil
        current.remaining -= min(current.remaining, UInt64(bytes.count))
        let stands = stands(bytes, of: entry, at: offset, &current)
        let gaps = stands ? [] : Self.gaps(between: inPlace, upTo: bytes.count)
        var file: OpenFile?
        if !gaps.isEmpty || isMisfit(current, entry) {
            let opened = try openForWriting(entry, &current)
            for gap in gaps {
                try write(bytes.part(gap), of: entry, to: opened, at: offset + UInt64(gap.lowerBound), current)
            }
            file = opened
        }
        guard current.remaining == 0 else {
            progress[entry] = current
            return nil
        }
        return try finish(entry, file, current)
    }

    /// Writes bytes of a leaf that is not whole under the temporary name. Where no tag vouches for them, only if they
    /// follow on what is there.
    mutating func keep(
        _ bytes: UnsafeRawBufferPointer, of entry: Int, at offset: UInt64, areVerified: Bool
    ) throws(FileFault) {
        var current = start(entry)
        if stands(bytes, of: entry, at: offset, &current) { return }
        if case .final = current.place { return }
        let file = try openForWriting(entry, &current)
        progress[entry] = current
        let size = try file.status().key.size
        guard areVerified || (size >= offset && size < offset + UInt64(bytes.count)) else { return }
        try write(bytes, of: entry, to: file, at: offset, current)
    }

    /// Whether these bytes are in the file that stands under the final name, where that may stay. It is given up at the
    /// first byte that differs.
    private mutating func stands(
        _ bytes: UnsafeRawBufferPointer, of entry: Int, at offset: UInt64, _ progress: inout Progress
    ) -> Bool {
        guard site.comparesStanding else { return false }
        if case .nowhere = progress.place, offset == 0, let key = standing(entry) {
            progress = Progress(
                remaining: progress.remaining, place: .final(key), hasOldBytes: true, isStanding: true)
        }
        guard progress.isStanding, case .final = progress.place else { return false }
        if let file = try? openForReading(entry, progress.place), has(file, bytes, at: offset) { return true }
        if offset == 0 { progress = Progress(remaining: progress.remaining, place: .nowhere, hasOldBytes: false) }
        return false
    }

    /// The file under the final name, if it may turn out to be the entry's, and nothing but the entry's.
    private func standing(_ entry: Int) -> StatKey? {
        let item = table.manifest.entries[entry]
        guard let (folder, path) = try? location(entry), let status = try? folder.status(of: path.name),
            status.isFile, status.key.size == item.size, let file = try? folder.open(path.name)
        else { return nil }
        return stayable(file, as: entry)
    }

    /// What the file is now, if it may stay under the final name. What is changed under one of its names is changed under
    /// all, also outside of the destination: one with others must need nothing to be set.
    private func stayable(_ file: OpenFile, as entry: Int) -> StatKey? {
        guard let status = try? file.status() else { return nil }
        let isDone = status.links == 1 || isDone(entry, file)
        return isDone ? status.key : nil
    }

    private func isDone(_ entry: Int, _ file: OpenFile) -> Bool {
        (try? MetadataWriter(rules: site.rules, entry: table.manifest.entries[entry]).isDone(file)) == true
    }

    private mutating func has(_ file: OpenFile, _ bytes: UnsafeRawBufferPointer, at offset: UInt64) -> Bool {
        for start in stride(from: 0, to: bytes.count, by: compared.all.count) {
            let expected = bytes.part(start..<min(start + compared.all.count, bytes.count))
            let found = compared.prefix(expected.count)
            guard (try? file.read(into: found, at: offset + UInt64(start))) == expected.count,
                expected.isEqual(to: UnsafeRawBufferPointer(found))
            else { return false }
        }
        return true
    }

    /// A file without bytes.
    mutating func putEmpty(_ entry: Int) throws(FileFault) -> Whole? {
        try put(UnsafeRawBufferPointer(start: nil, count: 0), of: entry, at: 0, inPlace: [])
    }

    /// Removes what is under the entry's temporary name.
    mutating func discard(_ entry: Int) throws(FileFault) {
        progress[entry] = nil
        guard let path = EntryPath(table.manifest.entries[entry].path),
            let folder = try site.folderIfAny(at: path.folder)
        else { return }
        try site.calls.removeIfAny(site.names.name(of: entry), in: folder)
    }

    /// A file whose every byte is there.
    struct Whole {
        let file: OpenFile
        let isFinal: Bool
        let isNew: Bool
        /// It stood there as it should be: nothing was written.
        var isStanding = false
    }

    private mutating func start(_ entry: Int) -> Progress {
        if let known = progress[entry] { return known }
        let size = table.manifest.entries[entry].size
        let isAdopted = leftovers?.isAdopted(entry) ?? false
        return Progress(remaining: size, place: isAdopted ? .temporary : .nowhere, hasOldBytes: isAdopted)
    }

    /// A file under its final name that has all its bytes, but more or fewer than it should.
    private func isMisfit(_ progress: Progress, _ entry: Int) -> Bool {
        switch progress.place {
        case .nowhere: true
        case .temporary: false
        case .final(let key): key.size != table.manifest.entries[entry].size
        }
    }

    private func location(_ entry: Int) throws(FileFault) -> (folder: Folder, path: EntryPath) {
        guard let path = EntryPath(table.manifest.entries[entry].path) else { throw .system(EXDEV) }
        return (try site.folder(at: path.folder), path)
    }

    private func openForReading(_ entry: Int, _ place: Place) throws(FileFault) -> OpenFile {
        let (folder, path) = try location(entry)
        if case .final = place { return try folder.open(path.name) }
        return try folder.open(site.names.name(of: entry))
    }

    /// The file under the final name, as it was when it was read first.
    private func openFinal(_ entry: Int, as key: StatKey) throws(FileFault) -> OpenFile {
        let file = try openForReading(entry, .final(key))
        try expect(file, toBe: key)
        return file
    }

    private func openForWriting(_ entry: Int, _ progress: inout Progress) throws(FileFault) -> OpenFile {
        let folder = try location(entry).folder
        let name = site.names.name(of: entry)
        switch progress.place {
        case .temporary:
            let file = try folder.open(name, flags: O_RDWR)
            guard try file.status().links == 1 else { throw .system(ELOOP) }
            return file
        case .nowhere:
            progress.place = .temporary
            return try site.calls.create(name, in: folder)
        case .final(let key):
            let source = try openFinal(entry, as: key)
            let file = try site.calls.create(name, in: folder)
            try site.calls.copyAll(of: source, bytes: key.size, to: file)
            try expect(source, toBe: key)
            progress.place = .temporary
            return file
        }
    }

    private func expect(_ file: OpenFile, toBe key: StatKey) throws(FileFault) {
        guard try file.status().key == key else { throw .system(EBUSY) }
    }

    private func write(
        _ bytes: UnsafeRawBufferPointer, of entry: Int, to file: OpenFile, at offset: UInt64, _ progress: Progress
    ) throws(FileFault) {
        guard table.manifest.entries[entry].isSparse else {
            try site.calls.write(bytes, to: file, at: offset)
            if bytes.count >= FileWriter.writeback {
                _ = pfs_start_writeback(file.descriptor, Int64(offset), Int64(bytes.count))
            }
            return
        }
        let sparse = SparseWriter(calls: site.calls, file: file, punches: progress.hasOldBytes)
        try sparse.write(bytes, at: offset)
    }

    private func finish(_ entry: Int, _ opened: OpenFile?, _ progress: Progress) throws(FileFault) -> Whole {
        if case .final(let key) = progress.place, opened == nil {
            let file = try openFinal(entry, as: key)
            return Whole(file: file, isFinal: true, isNew: false, isStanding: progress.isStanding)
        }
        var current = progress
        let file: OpenFile
        if let opened { file = opened } else { file = try openForWriting(entry, &current) }
        let size = table.manifest.entries[entry].size
        if progress.hasOldBytes, try file.status().key.size != size { try site.calls.truncate(file, to: size) }
        return Whole(file: file, isFinal: false, isNew: !progress.hasOldBytes)
    }

    private static let writeback = 1 << 20

    /// What of `0..<count` no range covers; `ranges` are ascending and disjoint.
    static func gaps(between ranges: [Range<Int>], upTo count: Int) -> [Range<Int>] {
        var gaps: [Range<Int>] = []
        var position = 0
        for range in ranges {
            if range.lowerBound > position { gaps.append(position..<range.lowerBound) }
            position = range.upperBound
        }
        if position < count { gaps.append(position..<count) }
        return gaps
    }
}
