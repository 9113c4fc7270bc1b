package import PacketFSWire

/// What of a tree its receiver is believed to have already.
package enum Origins {
    /// The origin of each file entry, in manifest order: kept if `snapshot`, or else `believed`, has its path with the
    /// same stat key. With `checksums` nothing is believed.
    ///
    /// - Parameter versions: so many transfers can be named; the files of those with the fewest are sent.
    package static func choose(
        for tree: ScannedTree, from snapshot: Snapshot?, orElse believed: Snapshot? = nil, checksums: Bool,
        atMost versions: Int = Limits.versions
    ) -> [Origin] {
        guard !checksums else { return found(tree, in: nil) }
        let early = found(tree, in: snapshot)
        guard let believed else { return bounded(early, atMost: versions) }
        return bounded(zip(early, found(tree, in: believed)).map { $0 == .sent ? $1 : $0 }, atMost: versions)
    }

    private static func bounded(_ origins: [Origin], atMost versions: Int) -> [Origin] {
        var files: [TransferID: Int] = [:]
        // Neighbours are mostly of one version.
        var (latest, run): (TransferID?, Int) = (nil, 0)
        for case .kept(let version) in origins {
            if version != latest {
                if let latest { files[latest, default: 0] += run }
                (latest, run) = (version, 0)
            }
            run += 1
        }
        if let latest { files[latest, default: 0] += run }
        guard files.count > versions else { return origins }
        let named = Set(files.sorted { $0.value > $1.value }.prefix(versions).map(\.key))
        return origins.map { origin in
            if case .kept(let version) = origin, !named.contains(version) { .sent } else { origin }
        }
    }

    private static func found(_ tree: ScannedTree, in snapshot: Snapshot?) -> [Origin] {
        let (entries, known) = (tree.manifest.entries, snapshot?.entries ?? [])
        var origins: [Origin] = []
        origins.reserveCapacity(entries.count)
        var next = 0
        for index in entries.indices where entries[index].kind == .file {
            while next < known.count, PathOrder.precedes(known[next].path, entries[index].path) { next += 1 }
            let isKnown = next < known.count && known[next].path == entries[index].path
            let isKept = isKnown && tree.stats[index].isUnchanged(since: known[next].stat)
            origins.append(isKept ? .kept(known[next].confirmed) : .sent)
        }
        return origins
    }
}

extension ScannedTree {
    /// What to remember of this tree once `transfer` has delivered it. Files that could change again without showing it are
    /// left out.
    ///
    /// - Parameters:
    ///   - origins: those that the transfer had, with `.sent` for kept files that the receiver wanted after all.
    ///   - excluding: entries that were dropped or that the receiver could not commit.
    package func snapshot(transfer: TransferID, origins: [Origin], excluding failed: Set<Int>) -> Snapshot {
        let found = manifest.entries
        var entries: [Snapshot.Entry] = []
        entries.reserveCapacity(origins.count)
        let standing = origins.standing(after: transfer)
        for index in found.indices where found[index].kind == .file {
            guard !failed.contains(index), isSettled(stats[index]) else { continue }
            entries.append(
                Snapshot.Entry(path: found[index].path, stat: stats[index], version: standing, confirmed: standing))
        }
        return Snapshot(entries: entries)
    }

    /// All entries, in manifest order, as what `transfer` is about to deliver. Those that could change again without
    /// showing it have no version.
    package func all(as transfer: TransferID) -> Snapshot {
        Snapshot(
            entries: manifest.entries.indices.map { index in
                let stat = stat(of: index)
                let version = isSettled(stat) ? transfer : .none
                return Snapshot.Entry(
                    path: manifest.entries[index].path, stat: stat, version: version, confirmed: version)
            })
    }

    /// Whether a later change shows in the times. File systems tick coarsely: what changed within the tick of the scan
    /// may change again within it. What is written through a mapping may never show: a page that waits to be written out
    /// takes more without a word. Only `checksums` sees that.
    private func isSettled(_ stat: StatKey) -> Bool {
        let isCoarse = stat.changed.nanoseconds == 0 && stat.modified.nanoseconds == 0
        let tick: Int64 = isCoarse ? 2_000_000_000 : 20_000_000
        let seconds = started.seconds.subtractingReportingOverflow(stat.changed.seconds)
        guard !seconds.overflow, seconds.partialValue.magnitude < 1000 else {
            return stat.changed.seconds < started.seconds
        }
        let age = seconds.partialValue * 1_000_000_000 + Int64(started.nanoseconds) - Int64(stat.changed.nanoseconds)
        return age > tick
    }
}
