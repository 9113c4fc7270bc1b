import PacketFSWire

/// Compares what the sender believes to be here with what is.
struct KeptCheck {
    /// Entries that are looked at in one piece, and at once.
    private static let (piece, together) = (64, 65_536)

    let site: Site
    let table: EntryTable

    /// Marks the kept entries that are here unchanged since this machine committed that very version, and returns the
    /// others, ascending.
    ///
    /// - Parameter claimed: file entries and the version that the sender believes to be here, ascending.
    func lacking(of claimed: [KeptClaim], in snapshot: Snapshot?) throws(RebuildError) -> [Int] {
        guard !site.options.checksums, let snapshot, !claimed.isEmpty else { return claimed.map(\.entry) }
        let look = KeptLook(
            root: site.rootFolder, entries: table.manifest.entries, snapshot: snapshot)
        var lacking: [Int] = []
        for part in claimed.indices.split(by: Self.together) {
            try site.expectWanted()
            let seen = site.results(of: part.split(by: Self.piece)) { look.statuses(of: claimed[$0]) }
            for (claim, seen) in zip(claimed[part], seen.joined())
            where try !keep(claim, seen) { lacking.append(claim.entry) }
        }
        return lacking
    }

    /// Whether the entry is here, which is marked then.
    private func keep(_ claim: KeptClaim, _ seen: KeptLook.Seen) throws(RebuildError) -> Bool {
        try site.expectWanted()
        let status: FileStatus?
        do throws(FileFault) {
            status = try stillUnchanged(claim, seen.get())
        } catch {
            throw error.fatal ?? .inputOutput
        }
        guard let status, let kept = try adjust(claim.entry, status) else { return false }
        table.keep(claim.entry, version: claim.version, stat: kept)
        return true
    }

    /// A file with several names changes when one of them is adjusted.
    private func stillUnchanged(_ claim: KeptClaim, _ seen: FileStatus?) throws(FileFault) -> FileStatus? {
        guard let seen, seen.links > 1 else { return seen }
        guard let path = EntryPath(table.manifest.entries[claim.entry].path) else { return nil }
        let status = try unlessFatal { () throws(FileFault) in try site.folder(at: path.folder).status(of: path.name) }
        return status?.key == seen.key ? status : nil
    }

    /// The content is right; what was asked of its metadata may have changed since. Returns what it is then, `nil` if by now
    /// another file stands there.
    func adjust(_ index: Int, _ status: FileStatus) throws(RebuildError) -> StatKey? {
        let entry = table.manifest.entries[index]
        // Attributes that could not be set are not seen from here.
        guard !site.rules.isRight(status, for: entry) || !entry.attributes.isEmpty, !site.options.isDryRun,
            let path = EntryPath(entry.path)
        else { return status.key }
        var kept: StatKey? = status.key
        do throws(FileFault) {
            try table.attemptMetadata(index) { () throws(FileFault) in
                let file = try site.folder(at: path.folder).open(path.name)
                guard try file.status().key == status.key else { return kept = nil }
                let changed = try table.applyMetadata(of: index, to: file, isNew: false, site.rules)
                if changed { try site.calls.sync(file) }
                kept = try file.status().key
            }
        } catch {
            throw error.fatal ?? .inputOutput
        }
        return kept
    }
}

/// A file entry, and the version of it that the sender believes to be here.
struct KeptClaim {
    let entry: Int
    let version: TransferID
}

/// Looks at files that the sender believes to be here, and changes nothing.
private struct KeptLook {
    /// What stands there; `nil` where it is not what it should be.
    typealias Seen = Result<FileStatus?, FileFault>

    let root: Folder?
    let entries: [ManifestEntry]
    let snapshot: Snapshot

    /// What the snapshot has of each claim's version, where that stands there. Both are in manifest order.
    func statuses(of claimed: ArraySlice<KeptClaim>) -> [Seen] {
        guard let first = claimed.first else { return [] }
        let known = snapshot.entries
        var next = known.partitionPoint { PathOrder.precedes($0.path, entries[first.entry].path) }
        var folders = FolderCache.ofPiece(beneath: root)
        return claimed.map { claim in
            let path = entries[claim.entry].path
            while next < known.count, PathOrder.precedes(known[next].path, path) { next += 1 }
            guard next < known.count, known[next].path == path, known[next].stood(after: claim.version),
                known[next].stat.size == entries[claim.entry].size, let path = EntryPath(path)
            else { return .success(nil) }
            return Seen { () throws(FileFault) in
                let status = try unlessFatal { () throws(FileFault) in
                    try folders.folder(at: path.folder).status(of: path.name)
                }
                guard let status, status.isFile, status.key.isUnchanged(since: known[next].stat) else { return nil }
                return status
            }
        }
    }
}

/// What `body` gives; `nil` after a fault that concerns its entry alone.
private func unlessFatal<R>(_ body: () throws(FileFault) -> R) throws(FileFault) -> R? {
    do throws(FileFault) {
        return try body()
    } catch {
        if error.fatal != nil { throw error }
        return nil
    }
}
