import PacketFSWire
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
        let peers = guests.map { _ in PartyID.random() }
        var tickets: [Lobby.Ticket] = []
        for guest in guests[..<3] { tickets.append(await lobby.enter(guest, bound: 3)) }
        await lobby.answered(tickets[0], by: peers[0], bound: 3)
        await lobby.answered(tickets[1], by: peers[1], bound: 3)
        tickets.append(await lobby.enter(guests[3], bound: 3))
        #expect(guests.map(\.isClosed) == [false, false, true, false, false])
        await lobby.answered(tickets[3], by: peers[3], bound: 3)
        await lobby.answered(await lobby.enter(guests[4], bound: 4), by: peers[4], bound: 4)
        _ = await lobby.enter(Guest("192.0.2.4:1"), bound: 5)
        _ = await lobby.enter(Guest("192.0.2.4:2"), bound: 5)
        #expect(guests.map(\.isClosed) == [false, false, true, false, false])
        #expect(lobby.count == 5)
    }

    /// Who holds a seed opens connection after connection, takes the answers, and proves nothing.
    @Test func onePeerDoesNotFillIt() async {
        let lobby = Lobby()
        let (greedy, honest) = (PartyID.random(), PartyID.random())
        for number in 1...40 {
            let ticket = await lobby.enter(Guest("192.0.2.1:\(number)"), bound: 16)
            await lobby.answered(ticket, by: greedy, bound: 16)
        }
        #expect(lobby.count == 4)
        let caller = Guest("192.0.2.2:1")
        let ticket = await lobby.enter(caller, bound: 16)
        for number in 41...80 {
            let ticket = await lobby.enter(Guest("192.0.2.1:\(number)"), bound: 16)
            await lobby.answered(ticket, by: greedy, bound: 16)
        }
        await lobby.answered(ticket, by: honest, bound: 16)
        #expect(!caller.isClosed && lobby.count == 5)
    }

    /// Several peers could fill it: one who comes then is let in all the same.
    @Test func whoComesIsNotTheOneToGiveWay() async {
        let lobby = Lobby()
        let peers = (0..<3).map { _ in PartyID.random() }
        let guests = (0..<4).map { Guest("192.0.2.1:\($0 + 1)") }
        for (guest, peer) in zip(guests, [peers[0], peers[1], peers[1], peers[2]]) {
            await lobby.answered(await lobby.enter(guest, bound: 8), by: peer, bound: 8)
        }
        let caller = Guest("192.0.2.2:1")
        _ = await lobby.enter(caller, bound: 4)
        #expect(guests.map(\.isClosed) == [false, true, false, false])
        #expect(!caller.isClosed)
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
        let (lobby, sessions, peer) = (Lobby(), OpenSessions(bound: 8), PartyID.random())
        let connection = Guest("192.0.2.1:1")
        let admission = Admission(lobby, await lobby.enter(connection, bound: 8), of: connection, sessions: sessions)
        #expect(!admission.hasProved && sessions.isEmpty)
        admission.prove()
        #expect(admission.hasProved && lobby.count == 1)
        #expect(admission.enter(peer, bound: 1) && lobby.count == 0)
        // One that has no session left is no guest less.
        let other = Admission(lobby, await lobby.enter(connection, bound: 8), of: connection, sessions: sessions)
        #expect(!other.enter(peer, bound: 1) && lobby.count == 1)
        other.end()
        #expect(!sessions.isEmpty && lobby.count == 0)
        admission.note(silence: 61)
        #expect(sessions.begin(peer, bound: 1, over: connection) != nil)
        admission.end()
        admission.end()
        #expect(!sessions.isEmpty && lobby.count == 0)
    }
}
