import Dispatch

/// A plan in the making, on a thread of its own: looking at the sources may take longer than a peer waits for a word.
///
/// `@unchecked Sendable`: the thread writes before `group` is left, everybody else reads after it.
final class Planning: @unchecked Sendable {
    /// How long one look waits for the plan.
    private static let patience = DispatchTimeInterval.milliseconds(500)

    private let group = DispatchGroup()
    private var outcome: Result<any Outgoing, any Error>?
    /// Seconds that it took.
    private(set) var seconds = 0.0

    /// Without a thread the plan is made at once.
    init(onThread: Bool, _ make: @escaping () throws -> any Outgoing) {
        if onThread {
            let work = DispatchWorkItem { self.run(make) }
            DispatchQueue(label: "packetfs.scan", qos: .userInitiated).async(group: group, execute: work)
        } else {
            run(make)
        }
    }

    /// The plan; `nil` if it is not there yet, after half a second.
    func take() throws -> (any Outgoing)? {
        guard PeerLane.aside({ group.wait(timeout: .now() + Self.patience) }) == .success else { return nil }
        return try outcome?.get()
    }

    /// Waits for the plan, however long it takes; `nil` if there will be none.
    func settle() -> (any Outgoing)? {
        PeerLane.aside { group.wait() }
        return try? outcome?.get()
    }

    private func run(_ make: () throws -> any Outgoing) {
        let start = ContinuousClock.now
        outcome = Result { try make() }
        seconds = (ContinuousClock.now - start).seconds
    }
}
