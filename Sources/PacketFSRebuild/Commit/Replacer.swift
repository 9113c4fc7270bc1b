import Glibc
import PacketFSWire

/// Puts what stands whole under a temporary name under its final name, in one step that leaves old or new.
struct Replacer {
    let site: Site
    let table: EntryTable

    /// Renames; a folder in the way gives way if it is empty, or if what is superfluous is to be deleted and nothing
    /// beneath it is excluded. Throws `EISDIR` where it may not give way.
    func put(_ temporary: Name, at path: EntryPath, in folder: Folder) throws(FileFault) {
        do throws(FileFault) {
            try site.calls.rename(temporary, to: path.name, in: folder)
        } catch  where error == .system(EISDIR) {
            try displaceFolder(with: temporary, at: path, in: folder)
        }
        site.touched(path.folder)
    }

    /// Puts an empty folder where something else stands that is not a folder.
    func putFolder(_ temporary: Name, at path: EntryPath, in folder: Folder) throws(FileFault) {
        try site.calls.makeFolder(temporary, in: folder)
        do throws(FileFault) {
            try site.calls.exchange(temporary, with: path.name, in: folder)
        } catch {
            if error != .crash { try site.calls.remove(temporary, in: folder, isFolder: true) }
            throw error
        }
        try site.calls.remove(temporary, in: folder)
        site.touched(path.folder)
    }

    /// A folder that cannot be removed whole gets its name back: under a temporary one nobody would find what is left of it.
    private func displaceFolder(with temporary: Name, at path: EntryPath, in folder: Folder) throws(FileFault) {
        try expectWay(at: Remover.join(path.folder, path.name))
        try site.calls.exchange(temporary, with: path.name, in: folder)
        site.forgetFolders()
        let stuck = try removeFolder(Remover.join(path.folder, temporary))
        guard try folder.statusIfAny(of: temporary) != nil else { return }
        try site.calls.exchange(temporary, with: path.name, in: folder)
        throw stuck.first?.fault ?? .system(EISDIR)
    }

    /// Of a dry run: notes what would be removed so that something that is no folder gets this name.
    func displaceDry(_ path: EntryPath) throws(FileFault) {
        guard try site.folderIfAny(at: path.folder)?.statusIfAny(of: path.name)?.isFolder == true else { return }
        let whole = Remover.join(path.folder, path.name)
        try expectWay(at: whole)
        if site.options.deletes { _ = try removeFolder(whole) }
    }

    /// Throws `EISDIR` if the folder may not give way.
    private func expectWay(at path: [UInt8]) throws(FileFault) {
        guard try !site.folder(at: path).names().isEmpty else { return }
        guard site.options.deletes, try !Remover(site: site).holdsProtected(path) else { throw .system(EISDIR) }
    }

    /// An empty folder that gives way to a transfer that deletes nothing does not count as deleted.
    private func removeFolder(_ path: [UInt8]) throws(FileFault) -> [(path: [UInt8], fault: FileFault)] {
        var remover = Remover(site: site)
        let removed = try remover.removeFolder(path)
        if site.options.deletes { table.deleted += removed }
        return remover.stuck
    }
}
