import Synchronization

/// Counts what is in use for each key, up to a bound.
final class Quota<Key: Hashable & Sendable>: Sendable {
    private let used = Mutex<[Key: Int]>([:])

    /// Whether nothing is in use.
    var isEmpty: Bool { used.withLock(\.isEmpty) }

    /// Whether there was one left to take.
    func take(_ key: Key, bound: Int) -> Bool {
        used.withLock { used in
            guard used[key, default: 0] < bound else { return false }
            used[key, default: 0] += 1
            return true
        }
    }

    func give(_ key: Key) {
        used.withLock { used in
            let left = used[key, default: 1] - 1
            used[key] = left > 0 ? left : nil
        }
    }
}
