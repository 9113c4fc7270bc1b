import Glibc
import PacketFSWire

/// Makes the folders of a tree before its files, and finishes them after everything else.
struct FolderMaker {
    let site: Site
    let table: EntryTable

    func makeAll() throws(RebuildError) {
        let entries = table.manifest.entries
        for index in entries.indices where entries[index].kind == .folder {
            try site.expectWanted()
            try table.attempt(index) { () throws(FileFault) in try make(index, entries[index]) }
        }
    }

    /// Modes and times, the innermost first: a folder's own mode may bar the way to what is in it.
    func finishAll() throws(RebuildError) {
        let entries = table.manifest.entries
        for index in entries.indices.reversed() where entries[index].kind == .folder && table[index] != .failed {
            try table.attempt(index) { () throws(FileFault) in
                let path = entries[index].path
                let folder = try site.folder(at: path)
                let changed = try table.applyMetadata(of: index, to: folder.file, isNew: false, site.rules)
                if changed { site.touched(path) }
                table[index] = .committed
            }
        }
    }

    private func make(_ index: Int, _ entry: ManifestEntry) throws(FileFault) {
        guard !entry.path.isEmpty else { return try narrowRoot(to: entry.mode) }
        guard let path = EntryPath(entry.path) else { throw .system(EXDEV) }
        let parent = try site.folder(at: path.folder)
        guard let status = try parent.statusIfAny(of: path.name) else {
            try site.calls.makeFolder(path.name, in: parent)
            return site.touched(path.folder)
        }
        guard !status.isFolder else { return _ = try site.openedUp(at: entry.path) }
        try Replacer(site: site, table: table).putFolder(site.names.name(of: index), at: path, in: parent)
    }

    /// Whom the tree's own mode keeps out of the root is out from the start: it may have been made just now, for everybody.
    /// So are they where it holds something: files of the tree have their own modes once they are whole.
    private func narrowRoot(to mode: UInt16) throws(FileFault) {
        let root = try site.openedUp(at: []).folder
        let status = try root.file.status()
        let narrowed = status.permissions & (mode | 0o7700)
        guard status.owner == geteuid(), narrowed != status.permissions else { return }
        try site.calls.setMode(narrowed, of: root.file)
    }
}
