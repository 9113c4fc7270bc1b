import PacketFSPlan
import Synchronization

/// A scan of a job's sources that is begun before there is a session to send them in.
final class FirstLook: Sendable {
    private let scan: Mutex<Errand<ScannedTree>?>

    init(at job: SendJob) {
        scan = Mutex(Errand(onThread: true) { try job.scan() })
    }

    /// The tree, once; `nil` if it could not be had, and afterwards: what the sources are like by then, a scan of its own
    /// tells.
    func take() -> ScannedTree? {
        scan.withLock { scan in
            defer { scan = nil }
            return scan?.settle()
        }
    }
}
