import Dispatch
import Synchronization

extension PeerLane {
    /// Does `work` for each number below `count`: on all processors, or, in a lane, in the room that the caller has there and
    /// in what room the peer's sessions, or their errands, leave.
    static func spread(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
        guard let lane = current else { return DispatchQueue.concurrentPerform(iterations: count, execute: work) }
        let turns = Turns(count, work)
        let qos: DispatchQoS.QoSClass = lane.errands == nil ? .background : .userInitiated
        for _ in 0..<max(0, min(count - 1, lane.width)) {
            DispatchQueue.global(qos: qos).async { lane.help(with: turns) }
        }
        while turns.takeNext() {}
        turns.wait()
    }

    /// Leaves the room after each turn to whoever waits for it.
    private func help(with turns: Turns) {
        while turns.areLeft {
            guard spare.wait(timeout: .now() + .milliseconds(1)) == .success else { continue }
            _ = turns.takeNext()
            spare.signal()
        }
    }
}

/// Work that is done once for each number, by whoever takes it.
private final class Turns: Sendable {
    private let count: Int
    private let work: @Sendable (Int) -> Void
    private let next = Atomic(0)
    private let undone = DispatchGroup()

    init(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
        self.count = count
        self.work = work
        for _ in 0..<count { undone.enter() }
    }

    var areLeft: Bool { next.load(ordering: .relaxed) < count }

    /// `false` if all numbers are taken.
    func takeNext() -> Bool {
        let number = next.add(1, ordering: .relaxed).oldValue
        guard number < count else { return false }
        work(number)
        undone.leave()
        return true
    }

    /// Waits for what others have taken.
    func wait() { undone.wait() }
}
