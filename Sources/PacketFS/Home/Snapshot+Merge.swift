import PacketFSWire

extension Snapshot {
    /// This snapshot, and what `earlier` knows of paths that this one does not name: a destination may be sent several
    /// trees, one after another.
    func merged(over earlier: Snapshot) -> Snapshot {
        let named = Set(entries.map(\.path))
        let rest = earlier.entries.filter { !named.contains($0.path) }
        guard !rest.isEmpty else { return self }
        return Snapshot(entries: (entries + rest).sorted { PathOrder.precedes($0.path, $1.path) })
    }
}
