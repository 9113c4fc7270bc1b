import PacketFSWire
import Testing

@testable import PacketFS

@Suite struct OpenSessionsTests {
    private let one = PartyID.random()
    private let other = PartyID.random()

    @Test func eachPeerHasItsBoundAndAllHaveTheirs() throws {
        let sessions = OpenSessions(bound: 3)
        let first = try #require(sessions.begin(one, bound: 2, over: Guest("192.0.2.1:1")))
        #expect(sessions.begin(one, bound: 2, over: Guest("192.0.2.1:2")) != nil)
        #expect(sessions.begin(one, bound: 2, over: Guest("192.0.2.1:3")) == nil)
        #expect(sessions.begin(other, bound: 2, over: Guest("192.0.2.1:4")) != nil)
        #expect(sessions.begin(other, bound: 2, over: Guest("192.0.2.1:5")) == nil)
        sessions.end(first)
        sessions.end(first)
        #expect(sessions.begin(other, bound: 2, over: Guest("192.0.2.1:6")) != nil)
        #expect(sessions.begin(.random(), bound: 2, over: Guest("192.0.2.1:7")) == nil)
    }

    /// Its line is cut, and nobody said so.
    @Test func whoWasSilentForLongestGivesWay() async throws {
        let sessions = OpenSessions(bound: 8)
        let guests = (1...4).map { Guest("192.0.2.1:\($0)") }
        let tickets = try guests.map { try #require(sessions.begin(one, bound: 4, over: $0)) }
        let foreign = Guest("192.0.2.2:1")
        let foreigner = try #require(sessions.begin(other, bound: 4, over: foreign))
        sessions.note(silence: 170, of: foreigner)
        for (ticket, silence) in zip(tickets, [0.0, 59, 60, 60]) { sessions.note(silence: silence, of: ticket) }
        let late = Guest("192.0.2.1:5")
        #expect(sessions.begin(one, bound: 4, over: late) == nil)
        sessions.note(silence: 61, of: tickets[1])
        sessions.note(silence: 90, of: tickets[2])
        #expect(sessions.begin(one, bound: 4, over: late) != nil)
        #expect(await guests[2].closes())
        #expect([guests[0], guests[1], guests[3], late, foreign].allSatisfy { !$0.isClosed })
        // Its own end takes nothing from who came in its place.
        sessions.end(tickets[2])
        sessions.note(silence: 0, of: tickets[1])
        #expect(sessions.begin(one, bound: 4, over: Guest("192.0.2.1:6")) == nil)
    }

    @Test func whereAllAreTooManyAnyPeersMayGiveWay() async throws {
        let sessions = OpenSessions(bound: 1)
        let silent = Guest("192.0.2.1:1")
        let ticket = try #require(sessions.begin(one, bound: 4, over: silent))
        #expect(sessions.begin(other, bound: 4, over: Guest("192.0.2.1:2")) == nil)
        sessions.note(silence: 61, of: ticket)
        #expect(sessions.begin(other, bound: 4, over: Guest("192.0.2.1:3")) != nil)
        #expect(await silent.closes())
    }
}
