import Dispatch

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
        let item = DispatchWorkItem { PeerLane.work(in: lane, self.run) }
        PeerLane.queue("packetfs.errand", in: lane).async(group: group, execute: item)
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
