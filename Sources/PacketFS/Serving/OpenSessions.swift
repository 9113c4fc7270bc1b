import PacketFSTransport
import PacketFSWire
import Synchronization

/// The sessions of peers that have proved who they are: up to a number of each peer, and of all.
final class OpenSessions: Sendable {
    /// One of them.
    struct Ticket: Sendable {
        fileprivate let number: UInt64
    }

    private struct Entry {
        let peer: PartyID
        let connection: any Connection
        /// Seconds for which nothing came, as was seen last.
        var silence = 0.0
    }

    private struct State {
        var entries: [UInt64: Entry] = [:]
        var next: UInt64 = 0
    }

    /// Seconds of silence after which a session may have to give way: whoever lives says so twice in them.
    static let patience = 2 * SealedLink.aliveInterval

    private let bound: Int
    private let state = Mutex(State())

    /// `bound`: of all peers together.
    init(bound: Int) {
        self.bound = bound
    }

    /// Whether there is none.
    var isEmpty: Bool { state.withLock(\.entries.isEmpty) }

    /// Begins a session. Where there are too many, that of them which was silent for longest ends, if it was for long: its
    /// line is most likely cut, and its peer is here again. Else `nil`.
    func begin(_ peer: PartyID, bound: Int, over connection: any Connection) -> Ticket? {
        let (ticket, silent): (Ticket?, (any Connection)?) = state.withLock { state in
            let ofPeer = state.entries.filter { $0.value.peer == peer }
            let crowd = ofPeer.count >= bound ? ofPeer : state.entries.count >= self.bound ? state.entries : [:]
            var silent: (any Connection)?
            if let most = crowd.max(by: { $0.value.silence < $1.value.silence }) {
                guard most.value.silence > Self.patience else { return (nil, nil) }
                silent = state.entries.removeValue(forKey: most.key)?.connection
            }
            defer { state.next += 1 }
            state.entries[state.next] = Entry(peer: peer, connection: connection)
            return (Ticket(number: state.next), silent)
        }
        if let silent { Task { await silent.close() } }
        return ticket
    }

    /// Nothing came for so many seconds.
    func note(silence: Double, of ticket: Ticket) {
        state.withLock { $0.entries[ticket.number]?.silence = silence }
    }

    func end(_ ticket: Ticket) {
        state.withLock { $0.entries[ticket.number] = nil }
    }
}
