internal import PacketFSWire
internal import Synchronization

/// Bounds the memory of a scan while entries are looked at, on several processors: what no manifest holds is not collected
/// first.
final class ScanBudget: Sendable {
    /// Bytes of what an entry has beside its path.
    private let bound: Int
    private let paths = Atomic(0)
    private let details = Atomic(0)
    private let attributes = Mutex<Set<[ExtendedAttribute]>>([])

    init(bound: Int) {
        self.bound = bound
    }

    /// Whether it is more than a manifest holds: the scan is to end.
    var isExceeded: Bool {
        paths.load(ordering: .relaxed) > Limits.pathBytes || details.load(ordering: .relaxed) > bound
    }

    func take(path bytes: Int) { paths.add(bytes, ordering: .relaxed) }
    func take(detail bytes: Int) { details.add(bytes, ordering: .relaxed) }

    /// These attributes, in the memory of equal ones of another entry.
    func take(_ found: [ExtendedAttribute]) -> [ExtendedAttribute] {
        guard !found.isEmpty else { return found }
        let (isNew, shared) = attributes.withLock { $0.insert(found) }
        if isNew { take(detail: found.reduce(0) { $0 + $1.name.utf8.count + $1.value.count }) }
        return shared
    }
}
