import Glibc
import PacketFSTransport
import PacketFSWire
import Synchronization

/// Connections whose other end has proved nothing yet: up to a number of them. One more makes another give way, so that
/// whoever keeps connections open without a word keeps nobody out.
final class Lobby: Sendable {
    /// A connection's stay.
    struct Ticket: Sendable {
        fileprivate let number: UInt64
    }

    private struct Guest {
        let number: UInt64
        let origin: [UInt8]
        let connection: any Connection
        /// Whose seed answered its first message, if one did.
        var peer: PartyID?
    }

    private struct State {
        /// Who came first stands first.
        var guests: [Guest] = []
        var next: UInt64 = 0
    }

    /// What part of the places one peer's connections may have: who holds a seed, or recorded first messages, may open as
    /// many as it likes and never prove anything.
    private static let share = 4

    private let state = Mutex(State())

    /// Connections in it.
    var count: Int { state.withLock { $0.guests.count } }

    /// Lets a connection in. Beyond `bound`, an older one is closed: of those that no seed answered to, if there are any,
    /// the oldest from where most of them come; else the oldest of the peer that has most.
    func enter(_ connection: any Connection, bound: Int) async -> Ticket {
        let (ticket, evicted) = state.withLock { state in
            let guest = Guest(
                number: state.next, origin: Self.origin(of: connection.remoteAddress), connection: connection)
            state.next += 1
            state.guests.append(guest)
            let evicted = state.guests.count > bound ? Self.evict(from: &state.guests) : nil
            return (Ticket(number: guest.number), evicted)
        }
        await evicted?.close()
        return ticket
    }

    /// Its first message was answered: it is a peer's, or a recording of one that was never answered before. Of too many
    /// of one peer, the oldest is closed.
    func answered(_ ticket: Ticket, by peer: PartyID, bound: Int) async {
        let evicted: (any Connection)? = state.withLock { state in
            guard let index = state.guests.firstIndex(where: { $0.number == ticket.number }) else { return nil }
            state.guests[index].peer = peer
            let guests = state.guests.filter { $0.peer == peer }
            guard guests.count > max(1, bound / Self.share) else { return nil }
            return Self.close(guests.first, of: &state.guests)
        }
        await evicted?.close()
    }

    /// Lets it out again: it has proved who it is, or is gone.
    func leave(_ ticket: Ticket) {
        state.withLock { $0.guests.removeAll { $0.number == ticket.number } }
    }

    private static func evict(from guests: inout [Guest]) -> (any Connection)? {
        let older = guests.dropLast()
        let strangers = older.filter { $0.peer == nil }
        return close(
            strangers.isEmpty ? oldest(of: older, \.peer) : oldest(of: strangers, \.origin), of: &guests)
    }

    /// The oldest of the largest group.
    private static func oldest<Key: Hashable>(of guests: some Collection<Guest>, _ key: (Guest) -> Key) -> Guest? {
        let counts = Dictionary(guests.map { (key($0), 1) }, uniquingKeysWith: +)
        let most = counts.values.max()
        return guests.first { counts[key($0)] == most }
    }

    private static func close(_ guest: Guest?, of guests: inout [Guest]) -> (any Connection)? {
        guests.removeAll { $0.number == guest?.number }
        return guest?.connection
    }

    /// What one party is likely to have at its disposal: an IPv4 address, or the first half of an IPv6 address.
    static func origin(of remoteAddress: String) -> [UInt8] {
        guard let host = try? Endpoint(parsing: remoteAddress).host else { return [] }
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, host, &bytes) == 1 { return Array(bytes[..<4]) }
        guard inet_pton(AF_INET6, host, &bytes) == 1 else { return Array(host.utf8) }
        let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
        return bytes.starts(with: mapped) ? Array(bytes[12...]) : Array(bytes[..<8])
    }
}
