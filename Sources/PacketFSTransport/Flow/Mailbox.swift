import NIOCore
import Synchronization

/// What has arrived and was not taken yet. The one who fills it asks whether there is room for more, and is called
/// when there is again.
final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var elements = CircularBuffer<(element: Element, weight: Int)>()
        var level = 0
        /// Whether the filler was told to stop.
        var isPaused = false
        var ending: Ending?
        var waiters = Waiters()
    }

    enum Ending: Sendable {
        case finished
        case failed(TransportError)
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// `capacity` in the unit of the elements' weights.
    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Adds an element, and says whether it was taken: not once the mailbox has ended.
    @discardableResult
    func put(_ element: Element, weight: Int) -> Bool {
        let waiters = state.withLock { state -> [Waiter]? in
            guard state.ending == nil else { return nil }
            state.elements.append((element, weight))
            state.level += weight
            return state.waiters.isEmpty ? [] : state.waiters.removeAll()
        }
        waiters?.resume()
        return waiters != nil
    }

    /// Whether there is room. If not, a `take` will say that there is again.
    func wantsMore() -> Bool {
        state.withLock { state in
            guard state.ending == nil else { return false }
            state.isPaused = state.level >= capacity
            return !state.isPaused
        }
    }

    /// Ends the mailbox; what is here can still be taken. The first ending stays.
    func end(_ ending: Ending) {
        let waiters = state.withLock { state -> [Waiter] in
            guard state.ending == nil else { return [] }
            state.ending = ending
            return state.waiters.removeAll()
        }
        waiters.resume()
    }

    /// Ends the mailbox, also where it had ended, and takes out what is here.
    @discardableResult
    func close(_ ending: Ending) -> [Element] {
        let (waiters, dropped) = state.withLock { state in
            let dropped = state.elements.map(\.element)
            state.elements.removeAll()
            state.level = 0
            state.ending = ending
            return (state.waiters.removeAll(), dropped)
        }
        waiters.resume()
        return dropped
    }

    /// The next element, `nil` at the end. `roomAgain` says that a filler who was told to stop may go on.
    func take() async throws(TransportError) -> (element: Element, weight: Int, roomAgain: Bool)? {
        while true {
            switch try tryTake() {
            case .taken(let element, let weight, let roomAgain): return (element, weight, roomAgain)
            case .finished: return nil
            case .empty: try await wait()
            }
        }
    }

    private enum Attempt {
        case taken(Element, Int, Bool)
        case finished
        case empty
    }

    private func tryTake() throws(TransportError) -> Attempt {
        try state.withLock { state throws(TransportError) in
            guard let (element, weight) = state.elements.popFirst() else {
                switch state.ending {
                case .failed(let failure): throw failure
                case .finished: return .finished
                case nil: return .empty
                }
            }
            state.level -= weight
            // Half of the capacity, so that a slow taker does not make the filler start and stop at every element.
            let roomAgain = state.isPaused && state.level <= capacity / 2
            if roomAgain { state.isPaused = false }
            return .taken(element, weight, roomAgain)
        }
    }

    private func wait() async throws(TransportError) {
        let number = state.withLock { $0.waiters.number() }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waiter = Waiter(number: number, continuation: continuation)
                let now: Waiter.Outcome? = state.withLock { state in
                    if state.ending != nil || !state.elements.isEmpty { return .success(()) }
                    // The handler may have run before there was anything to cancel.
                    if Task.isCancelled { return .failure(.cancelled) }
                    state.waiters.add(waiter)
                    return nil
                }
                if let now { [waiter].resume(now) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.remove(number) }
            waiter?.continuation.resume(returning: .failure(.cancelled))
        }
        try outcome.get()
    }
}
