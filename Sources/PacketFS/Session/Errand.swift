import Dispatch
import Synchronization

/// Work on a thread of its own, beside a session: it may take longer than a peer waits for a word.
///
/// `@unchecked Sendable`: whoever claims the work writes before `group` is left, everybody else reads after it.
final class Errand<Outcome>: @unchecked Sendable {
    private let group = DispatchGroup()
    private let wish = Wish()
    private let isClaimed = Atomic(false)
    private var work: ((Wish) throws -> Outcome)?
    private var outcome: Result<Outcome, any Error>?
    /// Seconds that it took.
    private(set) var seconds = 0.0

    /// Without a thread the work is done at once.
    convenience init(onThread: Bool, _ work: @escaping () throws -> Outcome) {
        self.init(onThread: onThread) { _ in try work() }
    }

    /// - Parameter work: may look whether it is still wanted.
    init(onThread: Bool, _ work: @escaping (Wish) throws -> Outcome) {
        self.work = work
        group.enter()
        if onThread { begin(in: PeerLane.current?.errands) } else { run() }
    }

    private func begin(in lane: PeerLane?) {
        let item = DispatchWorkItem { PeerLane.work(in: lane, self.run) }
        PeerLane.queue("packetfs.errand", in: lane).async(execute: item)
    }

    /// What came of it; `nil` if it is not done yet, after half a second.
    func take() throws -> Outcome? {
        guard PeerLane.aside({ group.wait(timeout: .now() + .milliseconds(500)) }) == .success else { return nil }
        return try outcome?.get()
    }

    /// What came of it, however long that takes.
    func finished() throws -> Outcome {
        PeerLane.aside { group.wait() }
        return try outcome.orThrow(.internal, "an errand was given up").get()
    }

    /// The same; `nil` if it failed.
    @discardableResult
    func settle() -> Outcome? {
        try? finished()
    }

    /// The same, but it is not wanted any more: what has not begun is not done.
    @discardableResult
    func giveUp() -> Outcome? {
        wish.withdraw()
        if claim() { finish() }
        return settle()
    }

    private func run() {
        guard claim() else { return }
        let start = ContinuousClock.now
        outcome = work.map { work in Result { try work(wish) } }
        seconds = (ContinuousClock.now - start).seconds
        finish()
    }

    /// Whether it is the caller's to do, or to leave.
    private func claim() -> Bool { !isClaimed.exchange(true, ordering: .acquiringAndReleasing) }

    private func finish() {
        // What it held is free once it is done.
        work = nil
        group.leave()
    }
}

/// Whether anybody waits for what takes long.
final class Wish: Sendable {
    private let isWithdrawn = Atomic(false)

    var stands: Bool { !isWithdrawn.load(ordering: .relaxed) }
    func withdraw() { isWithdrawn.store(true, ordering: .relaxed) }

    /// Does work that stands for as long as the task is not cancelled.
    static func ofTask<Result>(_ work: (Wish) throws -> Result) async rethrows -> Result {
        let wish = Wish()
        return try await withTaskCancellationHandler {
            try work(wish)
        } onCancel: {
            wish.withdraw()
        }
    }
}
