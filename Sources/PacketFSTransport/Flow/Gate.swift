import Synchronization

/// Counts bytes that are under way, and lets no more in while they are at the high-water mark. Once they were, it
/// opens again at the low-water mark.
final class Gate: Sendable {
    /// What a task may wait for.
    private enum Event {
        case room
        case idle
    }

    private struct State {
        var level = 0
        var failure: TransportError?
        var forRoom = Waiters()
        var forIdle = Waiters()

        subscript(event: Event) -> Waiters {
            get { event == .room ? forRoom : forIdle }
            set { if event == .room { forRoom = newValue } else { forIdle = newValue } }
        }

        func has(_ event: Event, high: Int) -> Bool {
            event == .room ? level < high : level == 0
        }
    }

    private let state = Mutex(State())
    private let low: Int
    private let high: Int

    init(low: Int, high: Int) {
        self.low = low
        self.high = high
    }

    /// Bytes under way.
    var level: Int { state.withLock { $0.level } }

    /// Suspends while the level is at the mark, then adds `bytes` to it. Throws once the gate is closed.
    func enter(_ bytes: Int) async throws(TransportError) {
        while try !tryEnter(bytes) {
            try await wait(for: .room)
        }
    }

    /// Suspends until nothing is under way.
    func drained() async throws(TransportError) {
        try await wait(for: .idle)
    }

    func leave(_ bytes: Int) {
        let resumed = state.withLock { state in
            state.level -= bytes
            return (state.level <= low ? state.forRoom.removeAll() : [])
                + (state.level == 0 ? state.forIdle.removeAll() : [])
        }
        resumed.resume()
    }

    /// Lets nobody in from now on; the first failure stays.
    func close(_ failure: TransportError) {
        let resumed = state.withLock { state -> [Waiter] in
            guard state.failure == nil else { return [] }
            state.failure = failure
            return state.forRoom.removeAll() + state.forIdle.removeAll()
        }
        resumed.resume(.failure(failure))
    }

    private func tryEnter(_ bytes: Int) throws(TransportError) -> Bool {
        try state.withLock { state throws(TransportError) in
            if let failure = state.failure { throw failure }
            guard state.level < high else { return false }
            state.level += bytes
            return true
        }
    }

    private func wait(for event: Event) async throws(TransportError) {
        let number = state.withLock { $0[event].number() }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waiter = Waiter(number: number, continuation: continuation)
                let now: Waiter.Outcome? = state.withLock { state in
                    if let failure = state.failure { return .failure(failure) }
                    if state.has(event, high: high) { return .success(()) }
                    // The handler may have run before there was anything to cancel.
                    if Task.isCancelled { return .failure(.cancelled) }
                    state[event].add(waiter)
                    return nil
                }
                if let now { [waiter].resume(now) }
            }
        } onCancel: {
            let waiter = state.withLock { $0[event].remove(number) }
            waiter?.continuation.resume(returning: .failure(.cancelled))
        }
        try outcome.get()
    }
}
