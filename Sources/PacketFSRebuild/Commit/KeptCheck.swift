import PacketFSWire

/// Compares what the sender believes to be here with what is.
struct KeptCheck {
    let site: Site
    let table: EntryTable

    /// Marks the kept entries that are here unchanged since this machine committed that very version, and returns the
    /// others, ascending.
    ///
    /// - Parameter claimed: file entries and the version that the sender believes to be here, ascending.
    func lacking(of claimed: [(entry: Int, version: TransferID)], in snapshot: Snapshot?) throws(RebuildError) -> [Int]
    {
        guard !site.options.checksums, let snapshot, !claimed.isEmpty else { return claimed.map(\.entry) }
        // Both are in manifest order.
        var known = snapshot.entries[...]
        var lacking: [Int] = []
        for (entry, version) in claimed {
            let path = table.manifest.entries[entry].path
            while let next = known.first, PathOrder.precedes(next.path, path) { known.removeFirst() }
            guard let memory = known.first, memory.path == path, memory.version == version,
                let stat = status(at: path), stat.key == memory.stat, stat.isFile,
                stat.key.size == table.manifest.entries[entry].size, let kept = try adjust(entry, stat)
            else {
                lacking.append(entry)
                continue
            }
            table.keep(entry, version: version, stat: kept)
        }
        return lacking
    }

    private func status(at path: [UInt8]) -> FileStatus? {
        guard let path = EntryPath(path), let folder = try? site.folder(at: path.folder) else { return nil }
        return try? folder.status(of: path.name)
    }

    /// The content is right; what was asked of its metadata may have changed since. Returns what it is then, `nil` if by now
    /// another file stands there.
    func adjust(_ index: Int, _ status: FileStatus) throws(RebuildError) -> StatKey? {
        let entry = table.manifest.entries[index]
        // Attributes that could not be set are not seen from here.
        guard !site.isRight(status, for: entry) || !entry.attributes.isEmpty, !site.options.isDryRun,
            let path = EntryPath(entry.path)
        else { return status.key }
        var kept: StatKey? = status.key
        do throws(FileFault) {
            try table.attemptMetadata(index) { () throws(FileFault) in
                let file = try site.folder(at: path.folder).open(path.name)
                guard try file.status().key == status.key else { return kept = nil }
                let writer = MetadataWriter(site: site, table: table)
                if try writer.apply(index, to: file, isNew: false) { try site.calls.sync(file) }
                kept = try file.status().key
            }
        } catch {
            throw error.fatal ?? .inputOutput
        }
        return kept
    }
}
