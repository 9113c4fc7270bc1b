import PacketFSStore
import PacketFSWire
import Testing

@Suite struct PeerTests {
    @Test func everyFieldSurvivesReopening() throws {
        let scratch = Scratch()
        let grants = [Grant(root: "/srv/b", verbs: [.put, .get]), Grant(root: "/srv/a", verbs: [])]
        let full = PeerRecord(
            name: "Ship_7.north-2", party: party(3), own: party(77), address: "[::1]:9", suite: 2,
            requiresPostQuantum: false, grants: grants, createdAt: -5, maxSessions: 9)
        try scratch.store().add(full)
        try scratch.store().add(peer(1, name: "zeta"))
        let store = try scratch.store()
        #expect(try store.peers() == [full, peer(1, name: "zeta")])
        #expect(try store.peer(named: "Ship_7.north-2") == full)
        #expect(try store.peer(party(1)) == peer(1, name: "zeta"))
        #expect(try store.peer(named: "ship_7.north-2") == nil)
        #expect(try store.peer(party(9)) == nil)
    }

    @Test func namesAndPartiesAreUnique() throws {
        let store = try Scratch().store()
        try store.add(peer(1, name: "a"))
        #expect(throws: StoreError.duplicatePeer) { try store.add(peer(2, name: "a")) }
        #expect(throws: StoreError.duplicatePeer) { try store.add(peer(1, name: "b")) }
        try store.add(peer(2, name: "b"))
        #expect(throws: StoreError.duplicatePeer) {
            try store.replace(peer(2, name: "b"), with: peer(2, name: "a"))
        }
        #expect(try store.peers().map(\.name) == ["a", "b"])
    }

    @Test func everythingIsReplaced() throws {
        let store = try Scratch().store()
        var changed = peer(1, name: "before")
        changed.grants = [Grant(root: "/one", verbs: [.get]), Grant(root: "/two", verbs: [.put])]
        try store.add(changed)
        let before = changed
        let log = try store.ownLog(for: party(1))
        changed.name = "after"
        changed.grants = [Grant(root: "/three", verbs: [.put, .get])]
        changed.address = "host:1"
        #expect(try store.replace(before, with: changed))
        #expect(try store.peers() == [changed])
        // Somebody else was quicker.
        #expect(try !store.replace(before, with: before))
        #expect(try store.peers() == [changed])
        #expect(try store.ownLog(for: party(1)) == log)
        #expect(try !store.replace(peer(2), with: peer(2)))
        #expect(throws: StoreError.invalidValue) { try store.replace(changed, with: peer(2)) }
    }

    @Test func nobodyIsAPeerAndOurselvesAtOnce() throws {
        let store = try Scratch().store()
        try store.add(peer(1))
        var both = peer(2)
        both.own = both.party
        #expect(throws: StoreError.ownIdentity) { try store.add(both) }
        // The other end of a seed that is here already.
        var mirrored = peer(2)
        (mirrored.party, mirrored.own) = (peer(1).own, party(50))
        #expect(throws: StoreError.ownIdentity) { try store.add(mirrored) }
        (mirrored.party, mirrored.own) = (party(2), peer(1).party)
        #expect(throws: StoreError.ownIdentity) { try store.add(mirrored) }
        try store.add(peer(2))
        #expect(throws: StoreError.ownIdentity) { try store.replace(peer(2), with: mirrored) }
        #expect(try store.peers() == [peer(1), peer(2)])
    }

    @Test(arguments: [
        "", "a:b", "a/b", "..", ".", "-x", "a b", "a\u{0}", "a\n", "é", String(repeating: "a", count: 65),
    ])
    func namesThatWouldBeMisreadAreRefused(_ name: String) throws {
        let store = try Scratch().store()
        #expect(throws: StoreError.invalidName) { try store.add(peer(1, name: name)) }
        #expect(try store.peers().isEmpty)
    }

    @Test func valuesOutOfBoundsAreRefused() throws {
        let store = try Scratch().store()
        var record = peer(1)
        record.maxSessions = 0
        #expect(throws: StoreError.invalidValue) { try store.add(record) }
        record = peer(1)
        record.grants = [Grant(root: "relative", verbs: [.get])]
        #expect(throws: StoreError.invalidValue) { try store.add(record) }
    }

    @Test func removingForgetsAllThatHangsOnThePeer() throws {
        let store = try Scratch().store()
        for value in [1, 2] as [UInt8] {
            try store.add(peer(value))
            let log = try store.ownLog(for: party(value))
            let range = try store.reserve(bytes: 10, in: log)
            try store.insert([record(Extent(range: range, digest: bytes(1, 32)))], in: log)
            try store.saveSnapshot([1], peer: party(value), role: .sending, destination: "d", at: 1)
            let summary = TransferSummary(
                id: transferID(value), peer: party(value), role: .sending, destination: "d", root: "", startedAt: 0)
            try store.begin(TransferRecord(summary: summary))
        }
        let before = try store.ownLog(for: party(1))
        #expect(try store.removePeer(party(1)))
        #expect(try !store.removePeer(party(1)))
        #expect(try store.logs().map(\.peer) == [party(2)])
        #expect(try store.transfers().map(\.peer) == [party(2)])
        #expect(try store.snapshot(peer: party(1), role: .sending, destination: "d") == nil)
        #expect(throws: StoreError.staleLog) { try store.extents(in: before) }
        #expect(throws: StoreError.unknownPeer) { try store.ownLog(for: party(1)) }
        try store.verify()
        // A peer that comes back starts with a log of its own: no address is used twice.
        try store.add(peer(1))
        #expect(try store.ownLog(for: party(1)).id != before.id)
        #expect(throws: StoreError.staleLog) { try store.reserve(bytes: 1, in: before) }
    }
}
