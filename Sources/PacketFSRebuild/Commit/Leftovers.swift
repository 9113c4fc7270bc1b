import Glibc
import PacketFSWire

/// What an interrupted transfer left at the destination, seen from the one that takes it up.
struct Leftovers {
    private let manifest: Manifest
    private let oldNames: TempNames
    /// File entries of the interrupted transfer, by path.
    private let byPath: [[UInt8]: Int]
    /// The files that it is known to have committed; `nil` where whatever looks like one may be taken for it.
    private let committed: [[UInt8]: StatKey]?
    private var adopted: Set<Int> = []

    init(_ interrupted: RebuildSetup.Interrupted) {
        manifest = interrupted.manifest
        oldNames = TempNames(interrupted.transfer)
        var byPath: [[UInt8]: Int] = [:]
        for (index, entry) in manifest.entries.enumerated() where entry.kind == .file { byPath[entry.path] = index }
        self.byPath = byPath
        committed = interrupted.committed.map { snapshot in
            Dictionary(snapshot.entries.map { ($0.path, $0.stat) }) { _, last in last }
        }
    }

    /// Takes over the temporary files of entries that are sent again, and removes all others.
    mutating func adopt(for table: EntryTable, sent: [Int], at site: Site) throws(RebuildError) {
        let taken = try takeOver(sent, of: table.manifest, at: site)
        _ = try removeAll(but: taken, at: site)
    }

    /// Gives the temporary files of these entries of a later transfer, ascending, the names that they have there, unless it
    /// has its own. What is left where this ends early is taken over the next time. Returns what was taken, by its earlier
    /// entry.
    mutating func takeOver(
        _ entries: some Sequence<Int>, of later: Manifest, at site: Site
    ) throws(RebuildError) -> Set<Int> {
        var taken: Set<Int> = []
        for entry in entries {
            guard let earlier = earlier(later.entries[entry]) else { continue }
            try site.expectWanted()
            do throws(FileFault) {
                try restore(earlier, at: site)
                guard try take(earlier, as: entry, at: site) else { continue }
                adopted.insert(entry)
                taken.insert(earlier)
            } catch {
                // Without its leftover, an entry is only sent again.
                if let fatal = error.fatal { throw fatal }
            }
        }
        return taken
    }

    /// The entry's file as it was, if it is still the same: else its sender names nothing of it as held, and the end of
    /// what is here must not be announced as that of the new one.
    private func earlier(_ entry: ManifestEntry) -> Int? {
        guard let index = byPath[entry.path] else { return nil }
        let earlier = manifest.entries[index]
        return earlier.size == entry.size && earlier.modified == entry.modified ? index : nil
    }

    /// Removes all temporary files but those of `spared` entries; `false` if some may be left.
    func removeAll(but spared: Set<Int> = [], at site: Site) throws(RebuildError) -> Bool {
        var areGone = try removeScratch(at: site)
        for earlier in manifest.entries.indices where !spared.contains(earlier) {
            try site.expectWanted()
            let isGone = try attempt { () throws(FileFault) in
                try restore(earlier, at: site)
                try remove(earlier, at: site)
            }
            areGone = isGone && areGone
        }
        return areGone
    }

    /// Where the file system knows no nameless files, a crash may leave scratch under its name.
    private func removeScratch(at site: Site) throws(RebuildError) -> Bool {
        var areGone = true
        for number in 0..<TempNames.scratchFiles {
            let isGone = try attempt { () throws(FileFault) in try remove(oldNames.scratch(number), in: [], at: site) }
            areGone = isGone && areGone
        }
        return areGone
    }

    /// Whether `body` left nothing; in what is no folder any more, nothing can be.
    private func attempt(_ body: () throws(FileFault) -> Void) throws(RebuildError) -> Bool {
        do throws(FileFault) {
            try body()
            return true
        } catch {
            if let fatal = error.fatal { throw fatal }
            return error == .system(ENOTDIR)
        }
    }

    /// What gave way gets its name back if nothing came in its place.
    private func restore(_ earlier: Int, at site: Site) throws(FileFault) {
        guard let path = EntryPath(manifest.entries[earlier].path),
            let folder = try site.folderIfAny(at: path.folder)
        else { return }
        let displaced = oldNames.displaced(by: earlier)
        guard try folder.statusIfAny(of: displaced) != nil else { return }
        guard try folder.statusIfAny(of: path.name) == nil else {
            return try remove(displaced, in: path.folder, at: site)
        }
        try site.calls.rename(displaced, to: path.name, in: folder)
        site.touched(path.folder)
    }

    private func remove(_ earlier: Int, at site: Site) throws(FileFault) {
        guard let path = EntryPath(manifest.entries[earlier].path) else { return }
        try remove(oldNames.name(of: earlier), in: path.folder, at: site)
    }

    /// What stands under a temporary name may also be what gave way to the final one: a file, a link or a folder.
    private func remove(_ name: Name, in path: [UInt8], at site: Site) throws(FileFault) {
        guard let folder = try site.folderIfAny(at: path) else { return }
        guard let status = try folder.statusIfAny(of: name) else { return }
        guard status.isFolder else {
            try site.calls.remove(name, in: folder)
            return site.touched(path)
        }
        var remover = Remover(site: site)
        _ = try remover.removeFolder(Remover.join(path, name))
        guard try folder.statusIfAny(of: name) == nil else { throw remover.stuck.first?.fault ?? .system(ENOTEMPTY) }
    }

    private func take(_ earlier: Int, as entry: Int, at site: Site) throws(FileFault) -> Bool {
        guard let path = EntryPath(manifest.entries[earlier].path),
            let folder = try site.folderIfAny(at: path.folder)
        else { return false }
        let name = oldNames.name(of: earlier)
        guard let status = try folder.statusIfAny(of: name) else { return false }
        let newName = site.names.name(of: entry)
        guard status.isFile, status.links == 1, try folder.statusIfAny(of: newName) == nil,
            let file = try? folder.open(name)
        else { return false }
        if status.permissions != 0o600 { try site.calls.setMode(0o600, of: file) }
        try site.calls.rename(name, to: newName, in: folder)
        site.touched(path.folder)
        return true
    }

    func isAdopted(_ entry: Int) -> Bool {
        adopted.contains(entry)
    }

    /// The file under the entry's final name, if it is what the interrupted transfer committed there.
    func committedFile(of entry: Int, in table: EntryTable, at site: Site) -> OpenFile? {
        guard let earlier = byPath[table.manifest.entries[entry].path],
            let path = EntryPath(table.manifest.entries[entry].path),
            let folder = try? site.folder(at: path.folder), let file = try? folder.open(path.name),
            let status = try? file.status(), isCommitted(manifest.entries[earlier], status)
        else { return nil }
        return file
    }

    /// Whether a file of this status may be the entry, committed: tags tell whether it is.
    private func isCommitted(_ entry: ManifestEntry, _ status: FileStatus) -> Bool {
        guard status.isFile, status.key.size == entry.size, status.key.modified.isKept(of: entry.modified) else {
            return false
        }
        return committed.map { $0[entry.path] == status.key } ?? true
    }

    /// Bytes on disk of each file entry, ascending by entry. Only a hint.
    func files(beneath root: DestinationRoot) -> [PartialFile] {
        var cache = FolderCache(root: root.folder)
        var files: [PartialFile] = []
        for (index, entry) in manifest.entries.enumerated() where entry.kind == .file && entry.size > 0 {
            guard let path = EntryPath(entry.path), let folder = try? cache.folder(at: path.folder) else { continue }
            if let status = try? folder.status(of: oldNames.name(of: index)), status.isFile {
                let bytes = min(status.key.size, entry.size)
                if bytes > 0 { files.append(PartialFile(entry: index, bytes: bytes)) }
            } else if let status = try? folder.status(of: path.name), isCommitted(entry, status) {
                files.append(PartialFile(entry: index, bytes: entry.size))
            }
        }
        return files
    }
}

extension FileTime {
    /// Whether a file that was given this time may have `self` now: file systems keep 2 seconds (FAT) to 1 ns of it.
    fileprivate func isKept(of other: FileTime) -> Bool {
        let (difference, overflows) = seconds.subtractingReportingOverflow(other.seconds)
        return !overflows && difference.magnitude <= 2
    }
}
