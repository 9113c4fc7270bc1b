import NIOCore
import PacketFSTransport
import Synchronization
import Testing

@testable import PacketFS

@Suite struct LobbyTests {
    @Test func theOldestOfWhereMostComeFromGivesWay() async {
        let lobby = Lobby()
        let guests = ["192.0.2.1:1", "192.0.2.2:1", "192.0.2.2:2", "192.0.2.3:1", "192.0.2.2:3"].map(Guest.init)
        for guest in guests { _ = await lobby.enter(guest, bound: 4) }
        #expect(guests.map(\.isClosed) == [false, true, false, false, false])
        #expect(lobby.count == 4)
    }

    @Test func whoWasAnsweredGivesWayLast() async {
        let lobby = Lobby()
        let guests = ["192.0.2.1:1", "192.0.2.1:2", "192.0.2.2:1", "192.0.2.1:3", "192.0.2.3:1"].map(Guest.init)
        var tickets: [Lobby.Ticket] = []
        for guest in guests[..<3] { tickets.append(await lobby.enter(guest, bound: 3)) }
        lobby.answered(tickets[0])
        lobby.answered(tickets[1])
        tickets.append(await lobby.enter(guests[3], bound: 3))
        #expect(guests.map(\.isClosed) == [false, false, true, false, false])
        lobby.answered(tickets[3])
        lobby.answered(await lobby.enter(guests[4], bound: 4))
        _ = await lobby.enter(Guest("192.0.2.4:1"), bound: 5)
        _ = await lobby.enter(Guest("192.0.2.4:2"), bound: 5)
        #expect(guests.map(\.isClosed) == [false, false, true, false, false])
        #expect(lobby.count == 5)
    }

    @Test func whoHasLeftDoesNotGiveWay() async {
        let lobby = Lobby()
        let first = Guest("192.0.2.1:1")
        let ticket = await lobby.enter(first, bound: 1)
        lobby.leave(ticket)
        lobby.leave(ticket)
        let second = Guest("192.0.2.1:2")
        _ = await lobby.enter(second, bound: 1)
        #expect(!first.isClosed)
        _ = await lobby.enter(Guest("192.0.2.1:3"), bound: 1)
        #expect(second.isClosed)
    }

    @Test(arguments: [
        ("192.0.2.1:1", "192.0.2.1:2", true), ("192.0.2.1:1", "192.0.2.2:1", false),
        ("[2001:db8::1]:1", "[2001:db8::2]:1", true), ("[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false),
        ("[::ffff:192.0.2.1]:1", "192.0.2.1:1", true), ("[::ffff:192.0.2.1]:1", "[::ffff:192.0.2.2]:1", false),
    ]) func oneOriginOrTwo(one: String, other: String, areOne: Bool) {
        #expect((Lobby.origin(of: one) == Lobby.origin(of: other)) == areOne)
    }

    @Test func aProvedConnectionIsASessionUntilItsEnd() async {
        let lobby = Lobby()
        let sessions = Quota<String>()
        let connection = Guest("192.0.2.1:1")
        let admission = Admission(lobby, await lobby.enter(connection, bound: 8), sessions: sessions)
        #expect(!admission.hasProved && sessions.isEmpty)
        #expect(admission.prove("peer", bound: 1))
        #expect(admission.hasProved && lobby.count == 0)
        let other = Admission(lobby, await lobby.enter(connection, bound: 8), sessions: sessions)
        #expect(!other.prove("peer", bound: 1))
        other.end()
        #expect(!sessions.isEmpty)
        admission.end()
        admission.end()
        #expect(sessions.isEmpty && lobby.count == 0)
    }
}

/// A connection from somewhere.
private final class Guest: Connection {
    let remoteAddress: String
    private let closed = Mutex(false)

    init(_ remoteAddress: String) {
        self.remoteAddress = remoteAddress
    }

    var isClosed: Bool { closed.withLock(\.self) }
    func delivery() async -> Delivery? { nil }
    func send(_: ByteBuffer) async throws(TransportError) {}
    func receive() async throws(TransportError) -> ByteBuffer? { nil }
    func finishSending() async throws(TransportError) {}
    func close() async { closed.withLock { $0 = true } }
}
