import Foundation
import PacketFSRebuild
import Synchronization

/// Lets all durable writes pass, and remembers them.
final class RecordingGate: WriteGate {
    private let seen = Mutex<[DurableWrite]>([])

    var writes: [DurableWrite] { seen.withLock(\.self) }

    func pass(_ what: DurableWrite) throws(FileFault) {
        seen.withLock { $0.append(what) }
    }
}

/// Lets a number of durable writes pass, and then none, as a crash does; or fails with an error of the system.
final class CrashGate: WriteGate {
    private let left: Mutex<Int>
    private let fault: FileFault
    private let passed = Mutex<Int>(0)
    private let kind: DurableWrite?
    private let isOnce: Bool

    /// `kind`: only writes of this kind count and fail; `isOnce`: those after the one that failed pass again.
    init(after count: Int, fault: FileFault = .crash, kind: DurableWrite? = nil, isOnce: Bool = false) {
        left = Mutex(count)
        self.fault = fault
        self.kind = kind
        self.isOnce = isOnce
    }

    var count: Int { passed.withLock { $0 } }

    func pass(_ what: DurableWrite) throws(FileFault) {
        guard kind == nil || what == kind else { return }
        let isOpen = left.withLock { left in
            left -= 1
            return isOnce ? left != -1 : left >= 0
        }
        guard isOpen else { throw fault }
        passed.withLock { $0 += 1 }
    }
}

/// Counts the open files of this process at each durable write.
final class OpenFilesGate: WriteGate {
    private let counted = Mutex(0)

    var most: Int { counted.withLock { $0 } }

    func pass(_ what: DurableWrite) throws(FileFault) {
        let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        counted.withLock { $0 = max($0, open ?? .max) }
    }
}
