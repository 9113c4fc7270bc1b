import Dispatch
import Foundation
import Glibc

/// Work on a thread of its own, beside a session: it may take longer than a peer waits for a word.
///
/// `@unchecked Sendable`: the thread writes before `group` is left, everybody else reads after it.
final class Errand<Outcome>: @unchecked Sendable {
    private let group = DispatchGroup()
    private var work: (() throws -> Outcome)?
    private var outcome: Result<Outcome, any Error>?
    /// Seconds that it took.
    private(set) var seconds = 0.0

    /// Without a thread the work is done at once.
    init(onThread: Bool, _ work: @escaping () throws -> Outcome) {
        self.work = work
        if onThread { begin(in: PeerLane.current?.errands) } else { run() }
    }

    private func begin(in lane: PeerLane?) {
        let queue = DispatchQueue(label: "packetfs.errand")
        lane?.mark(queue)
        group.enter()
        Thread.detachNewThread { [self] in
            // Of this thread alone. What somebody waits to hear from, other peers' sessions too, goes before it.
            if lane != nil { _ = nice(10) }
            queue.sync { if let lane { lane.work(run) } else { run() } }
            group.leave()
        }
    }

    /// What came of it; `nil` if it is not done yet, after half a second.
    func take() throws -> Outcome? {
        guard PeerLane.aside({ group.wait(timeout: .now() + .milliseconds(500)) }) == .success else { return nil }
        return try outcome?.get()
    }

    /// What came of it, however long that takes; `nil` if it failed.
    @discardableResult
    func settle() -> Outcome? {
        PeerLane.aside { group.wait() }
        return try? outcome?.get()
    }

    private func run() {
        let start = ContinuousClock.now
        outcome = work.map { work in Result { try work() } }
        // What it held is free once it is done.
        work = nil
        seconds = (ContinuousClock.now - start).seconds
    }
}
