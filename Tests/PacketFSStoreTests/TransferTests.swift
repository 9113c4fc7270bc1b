import PacketFSStore
import PacketFSWire
import Testing

@Suite struct TransferTests {
    let scratch = Scratch()
    let store: Store

    init() throws {
        store = try scratch.store()
        try store.add(peer(1))
        try store.add(peer(2))
    }

    private func transfer(
        _ id: UInt8, peer: UInt8 = 1, role: TransferRole = .receiving, to destination: String = "/d", at time: Int64 = 0
    ) -> TransferRecord {
        TransferRecord(
            summary: TransferSummary(
                id: transferID(id), peer: party(peer), role: role, destination: destination, root: "/r",
                rootIdentity: bytes(id, 24), startedAt: time),
            manifest: bytes(id, 1000), statKeys: [])
    }

    @Test func theJournalSurvivesReopening() throws {
        try store.begin(transfer(1))
        try store.begin(transfer(2, role: .sending, at: 9))
        let reopened = try scratch.store()
        #expect(try reopened.transfer(transferID(1)) == transfer(1))
        #expect(try reopened.transfers() == [transfer(1).summary, transfer(2, role: .sending, at: 9).summary])
        #expect(try reopened.transfer(transferID(3)) == nil)
    }

    @Test func thoseOfOneKindComeInTheOrderInWhichTheyWereBegun() throws {
        // The clock went back between the first two.
        for record in [
            transfer(1, at: 50), transfer(2, at: 20), transfer(3, role: .sending), transfer(4, peer: 2),
            transfer(5, to: "/e"),
        ] { try store.begin(record) }
        func transfers() throws -> [TransferSummary] {
            try store.transfers(peer: party(1), role: .receiving, destination: "/d")
        }
        #expect(try transfers() == [transfer(1, at: 50).summary, transfer(2, at: 20).summary])
        #expect(try store.finish(transferID(2)))
        #expect(try transfers() == [transfer(1, at: 50).summary])
        #expect(try !store.finish(transferID(2)))
        #expect(try store.transfers().count == 4)
    }

    @Test func amendReplacesWhatIsRememberedOfFiles() throws {
        try store.begin(transfer(1))
        try store.amend(transferID(1), statKeys: [7, 8])
        let record = try store.transfer(transferID(1))
        #expect(record?.manifest == bytes(1, 1000))
        #expect(record?.statKeys == [7, 8])
        #expect(throws: StoreError.unknownTransfer) { try store.amend(transferID(2), statKeys: []) }
    }

    @Test func anIDIsJournalledOnceAndForAKnownPeer() throws {
        try store.begin(transfer(1))
        #expect(throws: StoreError.duplicateTransfer) { try store.begin(transfer(1, peer: 2)) }
        #expect(throws: StoreError.unknownPeer) { try store.begin(transfer(2, peer: 3)) }
        #expect(try store.transfers().count == 1)
    }

    @Test func snapshotsAreKeptByPeerRoleAndDestination() throws {
        func get(_ peer: UInt8, _ role: TransferRole, _ destination: String) throws -> [UInt8]? {
            try store.snapshot(peer: party(peer), role: role, destination: destination)
        }
        let large = bytes(0xab, 3 << 20)
        try store.saveSnapshot([1], peer: party(1), role: .sending, destination: "d", at: 1)
        try store.saveSnapshot([2], peer: party(1), role: .receiving, destination: "d", at: 1)
        try store.saveSnapshot([], peer: party(2), role: .sending, destination: "d", at: 1)
        try store.saveSnapshot(large, peer: party(1), role: .sending, destination: "d", at: 1)
        #expect(try get(1, .sending, "d") == large)
        #expect(try get(1, .receiving, "d") == [2])
        #expect(try get(2, .sending, "d") == [])
        #expect(try get(2, .sending, "e") == nil)
        #expect(throws: StoreError.unknownPeer) {
            try store.saveSnapshot([], peer: party(3), role: .sending, destination: "d", at: 1)
        }
    }

    @Test func theSnapshotsThatWereUsedLastAreKept() throws {
        for number in 1...6 {
            try store.saveSnapshot(
                bytes(0, 10), peer: party(1), role: .sending, destination: "\(number)", at: Int64(number))
        }
        try store.saveSnapshot([1], peer: party(2), role: .sending, destination: "1", at: 1)
        try store.touchSnapshot(peer: party(1), role: .sending, destination: "2", at: 9)
        func kept() throws -> [String] {
            try (1...6).map(String.init).filter {
                try store.snapshot(peer: party(1), role: .sending, destination: $0) != nil
            }
        }
        var quota = PeerQuota()
        try store.dropSnapshots(of: party(1), before: 3, beyond: quota)
        #expect(try kept() == ["2", "3", "4", "5", "6"])
        quota.count = 4
        try store.dropSnapshots(of: party(1), before: 0, beyond: quota)
        #expect(try kept() == ["2", "4", "5", "6"])
        quota.bytes = 29
        try store.dropSnapshots(of: party(1), before: 0, beyond: quota)
        #expect(try kept() == ["2", "6"])
        quota.bytes = 1
        try store.dropSnapshots(of: party(1), before: 0, beyond: quota)
        #expect(try kept() == ["2"])
        #expect(try store.snapshot(peer: party(2), role: .sending, destination: "1") == [1])
    }

    @Test func theTransfersThatWereBegunLastAreKept() throws {
        for number in 1...4 as ClosedRange<UInt8> { try store.begin(transfer(number, to: "\(number)")) }
        try store.begin(transfer(5, peer: 2))
        try store.begin(transfer(6, role: .sending))
        var quota = PeerQuota()
        func tooMany() throws -> [TransferID] {
            try store.transfers(of: party(1), .receiving, beyond: quota).map(\.id)
        }
        #expect(try tooMany() == [])
        quota.count = 3
        #expect(try tooMany() == [transferID(1)])
        quota.bytes = 2999
        #expect(try tooMany() == [transferID(1), transferID(2)])
        quota.bytes = 1
        #expect(try tooMany() == [transferID(1), transferID(2), transferID(3)])
    }

    @Test func aTransferEndsAllAtOnceOrNotAtAll() throws {
        try store.begin(transfer(1))
        let replica = try store.adopt(log: logID(1), of: party(1)).log
        func end(with extents: [ExtentRecord]) throws(StoreError) {
            try store.transaction { () throws(StoreError) in
                try store.saveSnapshot([1], peer: party(1), role: .receiving, destination: "/d", at: 1)
                try store.finish(transferID(1))
                try store.insert(extents, in: replica)
            }
        }
        #expect(throws: StoreError.overlappingExtent) {
            try end(with: [record(extent(0, 10), .held), record(extent(5, 10), .held)])
        }
        #expect(try store.transfers().count == 1)
        #expect(try store.snapshot(peer: party(1), role: .receiving, destination: "/d") == nil)
        try end(with: [record(extent(0, 10), .held)])
        #expect(try store.transfers().isEmpty)
        #expect(try store.holdings(of: replica).extents == [extent(0, 10)])
    }
}
