import Glibc
import PacketFSWire

/// Removes trees, sparing what is excluded and the unfinished files of other transfers. What cannot be removed is noted,
/// and the rest goes.
///
/// No folder is held while something beneath it is looked at: a peer may nest them deeper than we may have descriptors.
struct Remover {
    let site: Site
    /// The paths that could not be removed, and why.
    private(set) var stuck: [(path: [UInt8], fault: FileFault)] = []

    init(site: Site) {
        self.site = site
    }

    static func join(_ folder: [UInt8], _ name: Name) -> [UInt8] {
        folder.isEmpty ? Array(name.bytes) : folder + [UInt8(ascii: "/")] + name.bytes
    }

    /// Removes what stands at `name`; a folder with all that is not protected. Returns how many names went.
    mutating func remove(_ name: Name, in path: [UInt8]) throws(FileFault) -> Int {
        do throws(FileFault) {
            return try removeAny(name, in: path)
        } catch {
            return try note(error, Self.join(path, name))
        }
    }

    /// Removes the folder at `path` unless something stays in it.
    mutating func removeFolder(_ path: [UInt8]) throws(FileFault) -> Int {
        do throws(FileFault) {
            return try removeWhole(path)
        } catch {
            return try note(error, path)
        }
    }

    private mutating func note(_ fault: FileFault, _ path: [UInt8]) throws(FileFault) -> Int {
        if fault.fatal != nil { throw fault }
        stuck.append((path, fault))
        return 0
    }

    private mutating func removeAny(_ name: Name, in path: [UInt8]) throws(FileFault) -> Int {
        let whole = Self.join(path, name)
        guard let status = try site.folder(at: path).statusIfAny(of: name) else { return 0 }
        guard !isProtected(name, at: whole, isFolder: status.isFolder) else { return 0 }
        if status.isFolder { return try removeWhole(whole) }
        if site.options.isDryRun {
            site.wouldRemove(whole)
        } else {
            try site.calls.remove(name, in: site.folder(at: path))
            site.touched(path)
        }
        return 1
    }

    private mutating func removeWhole(_ path: [UInt8]) throws(FileFault) -> Int {
        let isDryRun = site.options.isDryRun
        var removed = 0
        var stays = 0
        let (names, mode) = try open(path)
        for name in names {
            let count = try remove(name, in: path)
            removed += count
            if count == 0 { stays += 1 }
        }
        guard isDryRun ? stays == 0 : try site.folder(at: path).names().isEmpty, let split = EntryPath(path) else {
            if let mode { try site.calls.setMode(mode, of: site.folder(at: path).file) }
            return removed
        }
        if isDryRun {
            site.wouldRemove(path)
        } else {
            try site.calls.remove(split.name, in: site.folder(at: split.folder), isFolder: true)
            site.forgetFolders()
            site.touched(split.folder)
        }
        return removed + 1
    }

    /// The names in a folder, and the mode that it gets back if it stays.
    private func open(_ path: [UInt8]) throws(FileFault) -> (names: [Name], mode: UInt16?) {
        guard !site.options.isDryRun else { return (try site.folder(at: path).names(), nil) }
        let (folder, found) = try site.openedUp(at: path)
        return (try folder.names(), found)
    }

    /// Whether anything beneath the folder at `path` is to be spared.
    func holdsProtected(_ path: [UInt8]) throws(FileFault) -> Bool {
        var waiting = [path]
        while let path = waiting.popLast() {
            let folder = try site.folder(at: path)
            for name in try folder.names() {
                let whole = Self.join(path, name)
                guard let status = try folder.statusIfAny(of: name) else { continue }
                if isProtected(name, at: whole, isFolder: status.isFolder) { return true }
                if status.isFolder { waiting.append(whole) }
            }
        }
        return false
    }

    private func isProtected(_ name: Name, at path: [UInt8], isFolder: Bool) -> Bool {
        UnfinishedName.matches(name.bytes) || site.excludes.excludes(path: path, isFolder: isFolder)
    }
}
