import PacketFSWire

extension TransferOptions {
    /// The folders in which nothing stands after a transfer of these entries but what they name.
    func emptied(of entries: [ManifestEntry]) -> Set<[UInt8]> {
        deletes ? Set(entries.lazy.filter { $0.kind == .folder }.map(\.path)) : []
    }
}

/// What a snapshot may hold; more cannot be encoded.
struct SnapshotBounds {
    var entries = Limits.entries
    var versions = Limits.versions
    var pathBytes = Limits.pathBytes
}

extension Snapshot {
    /// This snapshot, and what `earlier` knows of paths that this one does not name: a destination may be sent several
    /// trees, one after another. It is a cache: what is beyond the bounds is forgotten, first what this snapshot does
    /// not name, the longest unchanged files before others.
    func merged(over earlier: Snapshot, within bounds: SnapshotBounds = SnapshotBounds()) -> Snapshot {
        let rest = earlier.entries(besides: self)
        var room = Room(bounds)
        guard !room.admits(all: entries) || !room.admits(all: rest) else {
            return rest.isEmpty ? self : Self.sorted(entries + rest)
        }
        room = Room(bounds)
        return Self.sorted([entries, rest].flatMap { $0.sorted(by: Entry.isNewer).filter { room.admits($0) } })
    }

    /// This snapshot without what lies beneath `folders`.
    func without(_ folders: Set<[UInt8]>) -> Snapshot {
        guard !folders.isEmpty else { return self }
        return Snapshot(entries: entries.filter { !$0.path.lies(beneath: folders) })
    }

    /// What `other` does not name. Both are in manifest order.
    private func entries(besides other: Snapshot) -> [Entry] {
        let named = other.entries
        var next = 0
        return entries.filter { entry in
            while next < named.count, PathOrder.precedes(named[next].path, entry.path) { next += 1 }
            return next == named.count || named[next].path != entry.path
        }
    }

    private static func sorted(_ entries: [Entry]) -> Snapshot {
        Snapshot(entries: entries.sorted { PathOrder.precedes($0.path, $1.path) })
    }

    /// What is left of the bounds.
    private struct Room {
        private var entries: Int
        private var versions: Int
        private var pathBytes: Int
        private var known: Set<TransferID> = []

        init(_ bounds: SnapshotBounds) {
            (entries, versions, pathBytes) = (bounds.entries, bounds.versions, bounds.pathBytes)
        }

        mutating func admits(all more: [Entry]) -> Bool { more.allSatisfy { admits($0) } }

        mutating func admits(_ entry: Entry) -> Bool {
            let new = Set([entry.version, entry.confirmed]).filter { !known.contains($0) }
            guard entries > 0, entry.path.count <= pathBytes, new.count <= versions else { return false }
            entries -= 1
            pathBytes -= entry.path.count
            versions -= new.count
            known.formUnion(new)
            return true
        }
    }
}

extension [UInt8] {
    fileprivate func lies(beneath folders: Set<[UInt8]>) -> Bool {
        guard !folders.contains([]) else { return true }
        return indices.contains { self[$0] == UInt8(ascii: "/") && folders.contains(Array(self[..<$0])) }
    }
}

extension Snapshot.Entry {
    fileprivate static func isNewer(_ left: Self, _ right: Self) -> Bool {
        let (first, second) = (left.stat.changed, right.stat.changed)
        return (first.seconds, first.nanoseconds) > (second.seconds, second.nanoseconds)
    }
}
