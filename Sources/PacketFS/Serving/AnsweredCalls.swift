import PacketFSChannel
import Synchronization

/// The first messages that were answered last: one that comes again is a recording, and gets no answer. Only who holds a
/// seed can make one that is answered, so strangers cannot push others out.
final class AnsweredCalls: Sendable {
    private struct State {
        var known: Set<CallID> = []
        /// All of them, the oldest at `next` once there are as many as are kept.
        var order: [CallID] = []
        var next = 0
    }

    private let bound: Int
    private let state = Mutex(State())

    /// `bound`: how many are kept; a hundred bytes each.
    init(bound: Int = 1 << 15) {
        self.bound = bound
    }

    func contains(_ call: CallID) -> Bool {
        state.withLock { $0.known.contains(call) }
    }

    /// Returns whether it is new.
    func insert(_ call: CallID) -> Bool {
        state.withLock { state in
            guard state.known.insert(call).inserted else { return false }
            if state.order.count < bound {
                state.order.append(call)
            } else {
                state.known.remove(state.order[state.next])
                state.order[state.next] = call
                state.next = (state.next + 1) % bound
            }
            return true
        }
    }
}
