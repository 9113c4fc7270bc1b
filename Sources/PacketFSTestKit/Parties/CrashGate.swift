package import PacketFSRebuild
import Synchronization

/// Crashes at one durable write: it does not happen, nor does any after it.
package final class CrashGate: WriteGate {
    private let writes = Mutex(0)
    private let last: Int

    /// - Parameter last: durable writes that happen before the crash.
    package init(after last: Int = .max) {
        self.last = last
    }

    /// Writes so far, the one that did not happen included.
    package var count: Int { writes.withLock(\.self) }
    package var hasCrashed: Bool { count > last }

    package func pass(_: DurableWrite) throws(FileFault) {
        let mayPass = writes.withLock { count in
            if count <= last { count += 1 }
            return count <= last
        }
        guard mayPass else { throw .crash }
    }
}
