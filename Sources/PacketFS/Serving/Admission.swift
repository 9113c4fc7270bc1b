import PacketFSWire
import Synchronization

/// A connection on its way to a session: in the lobby until a frame of its peer opened, then one of that peer's sessions.
///
/// A recorded first message finds its seed, too, and may be answered once; it never gets further than the lobby.
final class Admission: Sendable {
    private let lobby: Lobby
    private let ticket: Lobby.Ticket
    private let sessions: Quota<String>
    private let session = Mutex<(hasProved: Bool, name: String?)>((false, nil))

    init(_ lobby: Lobby, _ ticket: Lobby.Ticket, sessions: Quota<String>) {
        self.lobby = lobby
        self.ticket = ticket
        self.sessions = sessions
    }

    /// Whether a frame of the other end opened.
    var hasProved: Bool { session.withLock { $0.hasProved } }

    /// Its first message was answered, under a seed of this peer; of `bound` connections in the lobby.
    func answered(by peer: PartyID, bound: Int) async {
        await lobby.answered(ticket, by: peer, bound: bound)
    }

    /// A frame of the other end opened. Returns whether its peer has a session left; it then counts until `end`.
    func prove(_ name: String, bound: Int) -> Bool {
        lobby.leave(ticket)
        let isAdmitted = sessions.take(name, bound: bound)
        session.withLock { $0 = (true, isAdmitted ? name : nil) }
        return isAdmitted
    }

    /// The connection is over.
    func end() {
        lobby.leave(ticket)
        let name = session.withLock { session in
            defer { session.name = nil }
            return session.name
        }
        if let name { sessions.give(name) }
    }
}
