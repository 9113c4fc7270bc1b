import Dispatch

/// A thread of its own for a session: planning and rebuilding read and write files and must not hold up the
/// cooperative pool.
final class SessionExecutor: SerialExecutor {
    private let queue: DispatchQueue

    /// - Parameter lane: what it shares a thread with; `nil` for nothing.
    init(label: String, lane: DispatchQueue? = nil) {
        queue = DispatchQueue(label: label, qos: .userInitiated, target: lane)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }
}
