import Dispatch

/// A thread of its own for a session: planning and rebuilding read and write files and must not hold up the
/// cooperative pool.
final class SessionExecutor: SerialExecutor {
    private let queue: DispatchQueue
    private let lane: PeerLane?

    /// - Parameter lane: whose room it shares with other sessions; `nil` for nobody's.
    init(label: String, lane: PeerLane? = nil) {
        queue = DispatchQueue(label: label, qos: .userInitiated)
        self.lane = lane
        lane?.mark(queue)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async {
            PeerLane.work(in: self.lane) { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
        }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }
}
