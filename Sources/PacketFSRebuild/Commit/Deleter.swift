import PacketFSWire

/// Removes what stands in the folders of the manifest and is not in it.
struct Deleter {
    let site: Site
    let table: EntryTable

    /// Only folders that the manifest names are looked into. A folder that cannot be read is left alone.
    func deleteAll() throws(RebuildError) {
        guard site.options.deletes else { return }
        let children = namesByFolder()
        for (index, entry) in table.manifest.entries.enumerated() where entry.kind == .folder && table[index] != .failed
        {
            try table.attemptDeletion(index) { () throws(FileFault) in
                guard let folder = try site.folderIfAny(at: entry.path) else { return }
                let listing = Listing(names: try folder.names()) { name throws(FileFault) in
                    try folder.statusIfAny(of: name)
                }
                var remover = Remover(site: site)
                for name in try listing.superfluous(besides: children[entry.path] ?? []) {
                    table.deleted += try remover.remove(name, in: entry.path)
                }
                table.noteUndeleted(remover.stuck, in: index)
            }
        }
    }

    private func namesByFolder() -> [[UInt8]: Set<Name>] {
        var children: [[UInt8]: Set<Name>] = [:]
        for entry in table.manifest.entries {
            guard let path = EntryPath(entry.path) else { continue }
            children[path.folder, default: []].insert(path.name)
        }
        return children
    }
}

/// What a folder holds.
struct Listing {
    let names: [Name]
    let status: (Name) throws(FileFault) -> FileStatus?

    /// The names that are not to be kept. A file system that folds case may list one under another spelling: what a name
    /// finds that is not listed is not superfluous under any.
    func superfluous(besides keep: Set<Name>) throws(FileFault) -> [Name] {
        let others = names.filter { !keep.contains($0) }
        guard !others.isEmpty else { return [] }
        var kept: [StatKey] = []
        for name in keep.subtracting(names) {
            if let found = try status(name) { kept.append(found.key) }
        }
        guard !kept.isEmpty else { return others }
        var superfluous: [Name] = []
        for name in others {
            guard let found = try status(name), !kept.contains(where: found.isSameObject(as:)) else { continue }
            superfluous.append(name)
        }
        return superfluous
    }
}

extension EntryTable {
    /// A folder from which something could not be deleted keeps its content, and is reported.
    func attemptDeletion(_ entry: Int, _ body: () throws(FileFault) -> Void) throws(RebuildError) {
        do throws(FileFault) {
            try body()
        } catch {
            if let fatal = error.fatal { throw fatal }
            noteFailure(entry, error.entryFailure)
        }
    }
}
