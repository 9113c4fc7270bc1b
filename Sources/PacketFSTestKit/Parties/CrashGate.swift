import Glibc
package import PacketFSRebuild
import Synchronization

/// Crashes at one durable write: it does not happen, nor does any after it. Or finds the disk full at some.
package final class CrashGate: WriteGate {
    private let writes = Mutex(0)
    private let last: Int
    private let full: Range<Int>

    /// - Parameters:
    ///   - last: durable writes that happen before the crash.
    ///   - full: the numbers of writes for which there is no room.
    package init(after last: Int = .max, full: Range<Int> = 0..<0) {
        self.last = last
        self.full = full
    }

    /// Writes so far, the one that did not happen included.
    package var count: Int { writes.withLock(\.self) }
    package var hasCrashed: Bool { count > last }
    /// Whether a write found no room.
    package var wasFull: Bool { !full.isEmpty && count > full.lowerBound }

    package func pass(_: DurableWrite) throws(FileFault) {
        let number: Int? = writes.withLock { count in
            guard count <= last else { return nil }
            count += 1
            return count <= last ? count - 1 : nil
        }
        guard let number else { throw .crash }
        guard !full.contains(number) else { throw .system(ENOSPC) }
    }
}
