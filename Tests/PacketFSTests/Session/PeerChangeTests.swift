import PacketFSTestKit
import Testing

@testable import PacketFS

@Suite struct PeerChangeTests {
    /// What one command takes away, another that began before must not bring back.
    @Test func twoWhoChangeAnEntryAtOnceLoseNothing() throws {
        let pair = try TestPair()
        let (one, other) = (pair.left, try Home.open(at: HomeLocation(folder: pair.folder + "/left")))
        _ = try one.updatePeer(TestPair.peer, grants: { $0 + [Grant(root: "/old", verbs: [.put])] })
        var rounds = 0
        let changed = try one.updatePeer(
            TestPair.peer,
            grants: { grants in
                if rounds == 0 {
                    _ = try other.updatePeer(
                        TestPair.peer, address: "192.0.2.7:1", grants: { $0.filter { $0.root != "/old" } },
                        maxSessions: 9)
                }
                rounds += 1
                return grants + [Grant(root: "/new", verbs: [.get])]
            })
        #expect(rounds == 2)
        #expect(changed.grants.map(\.root) == [pair.outbox, "/new"])
        #expect(changed.address == "192.0.2.7:1" && changed.maxSessions == 9)
        #expect(try one.peers() == [changed])
    }
}
