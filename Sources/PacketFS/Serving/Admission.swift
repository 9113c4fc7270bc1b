import PacketFSTransport
import PacketFSWire
import Synchronization

/// A connection on its way to a session: in the lobby until a frame of its peer opened, then one of that peer's sessions.
///
/// A recorded first message finds its seed, too, and may be answered once; it never gets further than the lobby. Nor does
/// one whose peer has no session left, which is told so.
final class Admission: Sendable {
    private let lobby: Lobby
    private let place: Lobby.Ticket
    private let connection: any Connection
    private let sessions: OpenSessions
    private let state = Mutex<(hasProved: Bool, session: OpenSessions.Ticket?)>((false, nil))

    init(_ lobby: Lobby, _ place: Lobby.Ticket, of connection: any Connection, sessions: OpenSessions) {
        self.lobby = lobby
        self.place = place
        self.connection = connection
        self.sessions = sessions
    }

    /// Whether a frame of the other end opened.
    var hasProved: Bool { state.withLock { $0.hasProved } }

    /// Its first message was answered, under a seed of this peer; of `bound` connections in the lobby.
    func answered(by peer: PartyID, bound: Int) async {
        await lobby.answered(place, by: peer, bound: bound)
    }

    /// A frame of the other end opened.
    func prove() {
        state.withLock { $0.hasProved = true }
    }

    /// Makes it one of its peer's sessions until `end`. Returns whether there was one left.
    func enter(_ peer: PartyID, bound: Int) -> Bool {
        guard let session = sessions.begin(peer, bound: bound, over: connection) else { return false }
        state.withLock { $0.session = session }
        lobby.leave(place)
        return true
    }

    /// Nothing came for so many seconds.
    func note(silence: Double) {
        if let session = state.withLock({ $0.session }) { sessions.note(silence: silence, of: session) }
    }

    /// The connection is over.
    func end() {
        lobby.leave(place)
        if let session = state.withLock({ $0.session }) { sessions.end(session) }
    }
}
