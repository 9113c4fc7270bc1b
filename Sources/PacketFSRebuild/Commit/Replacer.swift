import Glibc
import PacketFSWire

/// Puts what stands whole under a temporary name under its final name, in one step that leaves old or new.
struct Replacer {
    let site: Site

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
        let whole = Remover.join(path.folder, path.name)
        var remover = Remover(site: site)
        if try !site.folder(at: whole).names().isEmpty {
            guard site.options.deletes, try !remover.holdsProtected(whole) else { throw .system(EISDIR) }
        }
        try site.calls.exchange(temporary, with: path.name, in: folder)
        site.forgetFolders()
        _ = try remover.removeFolder(Remover.join(path.folder, temporary))
        guard try folder.statusIfAny(of: temporary) != nil else { return }
        try site.calls.exchange(temporary, with: path.name, in: folder)
        throw remover.stuck.first?.fault ?? .system(EISDIR)
    }
}
