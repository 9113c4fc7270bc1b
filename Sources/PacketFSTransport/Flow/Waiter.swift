/// A task that waits for something, and how it ended.
struct Waiter: Sendable {
    typealias Outcome = Result<Void, TransportError>

    let number: UInt64
    let continuation: CheckedContinuation<Outcome, Never>
}

/// The tasks that wait in one place, in order.
struct Waiters: Sendable {
    private var waiting: [Waiter] = []
    private var next: UInt64 = 0

    var isEmpty: Bool { waiting.isEmpty }

    /// A number for a task that is about to wait, by which it can be cancelled.
    mutating func number() -> UInt64 {
        next += 1
        return next
    }

    mutating func add(_ waiter: Waiter) {
        waiting.append(waiter)
    }

    /// Takes out the waiter of that number, if it still waits.
    mutating func remove(_ number: UInt64) -> Waiter? {
        guard let index = waiting.firstIndex(where: { $0.number == number }) else { return nil }
        return waiting.remove(at: index)
    }

    /// Takes out all. They are resumed by the caller, outside its lock.
    mutating func removeAll() -> [Waiter] {
        defer { waiting = [] }
        return waiting
    }
}

extension [Waiter] {
    func resume(_ outcome: Waiter.Outcome = .success(())) {
        for waiter in self { waiter.continuation.resume(returning: outcome) }
    }
}
