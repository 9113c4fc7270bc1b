import Glibc
import PacketFSWire

/// Makes symbolic and hard links, once all files have their final names.
struct LinkMaker {
    let site: Site
    let table: EntryTable

    func makeAll() throws(RebuildError) {
        // One that was dropped is given up by now.
        let entries = table.manifest.entries
        for index in entries.indices where table[index] == .waiting {
            switch entries[index].kind {
            case .symlink: try table.attempt(index) { () throws(FileFault) in try makeSymlink(index, entries[index]) }
            case .hardLink: try table.attempt(index) { () throws(FileFault) in try makeHardLink(index, entries[index]) }
            case .file, .folder: break
            }
        }
        try refreshLinkedFiles()
    }

    /// Of a dry run: counts what is right already, and returns the entries of what `makeAll` would make.
    func countAll() -> [Int] {
        let entries = table.manifest.entries
        let links = entries.indices.filter { entries[$0].kind == .symlink || entries[$0].kind == .hardLink }
        let wanting = links.filter { !isThere(entries[$0]) }
        table.filesKept += links.count - wanting.count
        return wanting
    }

    private func isThere(_ entry: ManifestEntry) -> Bool {
        guard let path = EntryPath(entry.path), let folder = try? site.folder(at: path.folder) else { return false }
        guard entry.kind == .hardLink else { return (try? folder.target(ofSymlink: path.name)) == entry.target }
        guard let stat = table.stats[entry.linked], let status = try? folder.status(of: path.name) else { return false }
        return status.isSameObject(as: stat)
    }

    private func makeSymlink(_ index: Int, _ entry: ManifestEntry) throws(FileFault) {
        guard let path = EntryPath(entry.path) else { throw .system(EXDEV) }
        let folder = try site.folder(at: path.folder)
        let status = try folder.statusIfAny(of: path.name)
        if let status, status.isSymlink, try folder.target(ofSymlink: path.name) == entry.target {
            try applyMetadata(of: index, to: path.name, in: folder, status)
            table[index] = .kept
            table.filesKept += 1
            return
        }
        let temporary = site.names.name(of: index)
        try site.calls.removeIfAny(temporary, in: folder)
        try site.calls.makeSymlink(temporary, to: entry.target, in: folder)
        try applyMetadata(of: index, to: temporary, in: folder, folder.status(of: temporary))
        try put(temporary, at: path, in: folder)
        table[index] = .committed
        table.filesWritten += 1
    }

    private func applyMetadata(
        of index: Int, to name: Name, in folder: Folder, _ status: FileStatus
    ) throws(FileFault) {
        let entry = table.manifest.entries[index]
        if site.rules.ownerDiffers(status, from: entry) {
            try table.attemptMetadata(index) { () throws(FileFault) in
                try site.calls.setOwner(entry.owner, group: entry.group, ofLink: name, in: folder)
            }
        }
        if status.key.modified != entry.modified {
            try table.attemptMetadata(index) { () throws(FileFault) in
                try site.calls.setModified(entry.modified, ofLink: name, in: folder)
            }
        }
    }

    private func makeHardLink(_ index: Int, _ entry: ManifestEntry) throws(FileFault) {
        guard table.manifest.entries.indices.contains(entry.linked), let stat = table.stats[entry.linked],
            let source = EntryPath(table.manifest.entries[entry.linked].path), let path = EntryPath(entry.path)
        else {
            return table.fail(index, table.failures[entry.linked] ?? .fileSystem)
        }
        let folder = try site.folder(at: path.folder)
        // Renaming one name of a file to another of its names does nothing, and would leave the temporary one.
        if let status = try folder.statusIfAny(of: path.name), status.isSameObject(as: stat) {
            table[index] = .kept
            table.filesKept += 1
            return
        }
        let temporary = site.names.name(of: index)
        try site.calls.removeIfAny(temporary, in: folder)
        try site.calls.makeLink(temporary, in: folder, to: source.name, in: site.folder(at: source.folder))
        guard try folder.status(of: temporary).isSameObject(as: stat) else {
            // Somebody put another file there since it was committed.
            try site.calls.remove(temporary, in: folder)
            throw .system(EBUSY)
        }
        try put(temporary, at: path, in: folder)
        table[index] = .committed
        table.filesWritten += 1
    }

    private func put(_ temporary: Name, at path: EntryPath, in folder: Folder) throws(FileFault) {
        do throws(FileFault) {
            try Replacer(site: site, table: table).put(temporary, at: path, in: folder)
        } catch {
            // What happened first counts: under the temporary name there may be a folder by now, which is not removed.
            if error != .crash { try? site.calls.removeIfAny(temporary, in: folder) }
            throw error
        }
    }

    /// A new link changes the status of the file it names.
    private func refreshLinkedFiles() throws(RebuildError) {
        let entries = table.manifest.entries
        let linked = Set(entries.indices.lazy.filter { entries[$0].kind == .hardLink }.map { entries[$0].linked })
        for index in linked {
            guard let known = table.stats[index], let path = EntryPath(entries[index].path) else {
                continue
            }
            let status = try? site.folder(at: path.folder).status(of: path.name)
            guard let status, status.hasContent(of: known) else {
                table.stats[index] = nil
                continue
            }
            table.stats[index] = status.key
        }
    }
}
