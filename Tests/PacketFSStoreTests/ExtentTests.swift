import PacketFSStore
import PacketFSWire
import Testing

@Suite struct ExtentTests {
    let scratch = Scratch()
    let store: Store
    let own: LogRecord
    let replica: LogRecord

    init() throws {
        store = try scratch.store()
        try store.add(peer(1))
        own = try store.ownLog(for: party(1))
        _ = try store.reserve(bytes: 10_000, in: own)
        replica = try store.adopt(log: logID(9), of: party(1)).log
    }

    @Test func everyFieldSurvivesReopeningInAddressOrder() throws {
        var first = record(extent(700, 30), .acknowledged, paths: ("a/b", "a/b/c"), at: 12)
        first.transfer = transferID(4)
        let second = record(extent(100, 600), .pending, at: -3)
        try store.insert([first, second], in: own)
        #expect(try scratch.store().extents(in: own) == [second, first])
        #expect(try store.usage(of: own) == LogUsage(extents: 2, bytes: 630))
        #expect(try store.usage(of: replica) == LogUsage(extents: 0, bytes: 0))
    }

    @Test(arguments: [(100, 50), (99, 2), (149, 1), (0, 101), (100, 1), (50, 500)] as [(UInt64, Int)])
    func overlapsAreRefusedAsAWhole(_ address: UInt64, _ length: Int) throws {
        try store.insert([record(extent(100, 50)), record(extent(400, 10))], in: own)
        #expect(throws: StoreError.overlappingExtent) {
            try store.insert([record(extent(900, 1)), record(extent(address, length))], in: own)
        }
        #expect(try store.usage(of: own).extents == 2)
    }

    @Test func neighboursAreNoOverlap() throws {
        try store.insert([record(extent(100, 50))], in: own)
        try store.insert([record(extent(150, 1)), record(extent(99, 1)), record(extent(0, 99))], in: own)
        #expect(try store.extents(in: own).map(\.extent.range.address) == [0, 99, 100, 150])
    }

    @Test func anOwnExtentLiesInWhatWasReserved() throws {
        try store.insert([record(extent(9_999, 1))], in: own)
        #expect(throws: StoreError.notReserved) { try store.insert([record(extent(10_000, 1))], in: own) }
        // The peer's addresses are its own affair.
        try store.insert([record(extent(Limits.address - 1, 1), .held)], in: replica)
        #expect(try store.log(for: party(1), role: .replica)?.next == Limits.address)
    }

    /// The peer may hold what we dropped until it took an offer that was made without it.
    @Test func dropsOfWhatThePeerHoldsAreCounted() throws {
        let (held, pending) = (record(extent(0, 10), .acknowledged), record(extent(10, 10), .pending))
        let other = record(extent(20, 10), .acknowledged)
        try store.insert([held, pending, other], in: own)
        try store.drop([pending.extent], in: own)
        #expect(try !store.drops(in: own).areUntold)
        try store.drop([held.extent], in: own)
        let first = try scratch.store().drops(in: own)
        #expect(first.areUntold)
        try store.replaceAcknowledged(by: [], in: own)
        try store.tell(first, in: own)
        #expect(try store.drops(in: own) == LogDrops(count: 2, told: 1))
        try store.tell(store.drops(in: own), in: own)
        #expect(try !store.drops(in: own).areUntold)
        // Whatever an older offer knew of.
        try store.tell(first, in: own)
        #expect(try store.drops(in: own) == LogDrops(count: 2, told: 2))
    }

    @Test func malformedExtentsAreRefused() throws {
        var shortDigest = extent(0, 1)
        shortDigest.digest = bytes(0, 31)
        let malformed = [
            record(extent(0, 0)), record(extent(0, -1)), record(extent(0, Limits.extent + 1)),
            record(extent(Limits.address + 1, 1)), record(extent(.max, 1)), record(shortDigest),
            record(extent(0, 1), paths: ("b", "a")), record(extent(0, 1), paths: ("a\u{0}", "b")),
        ]
        for record in malformed {
            #expect(throws: StoreError.invalidValue) { try store.insert([record], in: replica) }
        }
        #expect(try store.usage(of: replica).extents == 0)
    }

    @Test func onlyMatchingPendingExtentsAreAcknowledged() throws {
        try store.insert([0, 10, 20].map { record(extent($0, 10)) }, in: own)
        try store.insert([record(extent(30, 10), .acknowledged)], in: own)
        let told = [
            extent(0, 10), extent(10, 10, digest: 0xee), extent(20, 9), extent(30, 10), extent(500, 1),
            extent(.max, .max),
        ]
        #expect(try store.acknowledge(told, in: own) == [extent(0, 10)])
        #expect(try store.holdings(of: own).extents == [extent(0, 10), extent(30, 10)])
        #expect(try store.extents(in: own).map(\.state) == [.acknowledged, .pending, .pending, .acknowledged])
        #expect(try store.acknowledge(told, in: own).isEmpty)
    }

    @Test func holdingsOfAReplicaAreWhatItHas() throws {
        try store.insert([0, 10, 20].map { record(extent($0, 10), .held) }, in: replica)
        #expect(try store.holdings(of: replica).runs == [AddressRange(address: 0, length: 30)])
        try store.drop([extent(10, 10), extent(20, 10, digest: 0xee)], in: replica)
        let holdings = try store.holdings(of: replica)
        #expect(holdings.log == logID(9))
        #expect(holdings.extents == [extent(0, 10), extent(20, 10)])
    }

    @Test func whatThePeerReallyHoldsReplacesWhatWeBelieved() throws {
        try store.insert([0, 10, 20].map { record(extent($0, 10), .acknowledged) }, in: own)
        try store.insert([30, 40].map { record(extent($0, 10), .pending) }, in: own)
        try store.insert([50, 60, 70].map { left(extent($0, 10), by: UInt8($0)) }, in: own)
        let claim = try #require(try store.claim(transferID(60)))
        defer { withExtendedLifetime(claim) {} }
        #expect(try store.interrupted(in: own) == [extent(50, 10), extent(70, 10)])
        let (holdings, dropped) = try store.replaceAcknowledged(
            by: [
                extent(10, 10), extent(20, 10, digest: 0xee), extent(30, 10), extent(70, 10), extent(900, 1),
                extent(.max, .max),
            ],
            in: own)
        // The receipt of the last one was lost.
        #expect(holdings.extents == [extent(10, 10), extent(30, 10), extent(70, 10)])
        #expect(dropped == [extent(0, 10), extent(20, 10), extent(50, 10)])
        // What was provisioned is to be sent yet, and a transfer runs.
        let pending = try store.extents(in: own).filter { $0.state == .pending }
        #expect(pending.map(\.extent) == [extent(40, 10), extent(60, 10)])
        #expect(try store.holdings(of: own) == holdings)
    }

    @Test func onlyMatchingExtentsAreDropped() throws {
        try store.insert([0, 10, 20].map { record(extent($0, 10), .held) }, in: replica)
        let dropped = try store.drop(
            [extent(20, 10), extent(10, 10, digest: 0xee), extent(0, 5), extent(.max, 1)], in: replica)
        #expect(dropped == [extent(20, 10)])
        #expect(try store.extents(in: replica).count == 2)
        // Its place can be taken again.
        try store.insert([record(extent(20, 10, digest: 0xee), .held)], in: replica)
    }

    @Test func trimTakesTheOldestUntilTheRestFits() throws {
        let times: [Int64] = [50, 10, 30, 10, 40]
        let records = times.enumerated().map { record(extent(UInt64($0) * 100, 100), .held, at: $1) }
        try store.insert(records, in: replica)
        func trimmed(_ quota: UInt64) throws -> [UInt64] {
            try store.oldest(beyond: quota, in: replica).map(\.extent.range.address)
        }
        #expect(try trimmed(500) == [])
        #expect(try trimmed(499) == [100])
        #expect(try trimmed(300) == [100, 300])
        #expect(try trimmed(299) == [100, 300, 200])
        #expect(try trimmed(0) == [100, 300, 200, 400, 0])
    }

    @Test func whatGoesAnywayTakesNoRoom() throws {
        try store.insert((0..<4).map { record(extent(UInt64($0) * 100, 100), .held, at: Int64($0)) }, in: replica)
        let trimmed = try store.oldest(beyond: 200, in: replica, besides: [extent(300, 100), extent(0, 100)])
        #expect(trimmed.isEmpty)
    }

    @Test func anOldShortExtentDoesNotOutliveAYoungerLongOne() throws {
        try store.insert(
            [
                record(extent(0, 1), .held, at: 1), record(extent(10, 100), .held, at: 2),
                record(extent(200, 50), .held, at: 3),
            ], in: replica)
        #expect(try store.oldest(beyond: 60, in: replica).map(\.extent.range.address) == [0, 10])
    }

    @Test(
        arguments: [
            ("a", [0]), ("a/b", [0]), ("a/b/c", [0]), ("a/z", []), ("a-b", [10]), ("a.b", [10]), ("b", [20, 30]),
            ("b/x", [20]), ("b/x/y/z", [20]), ("b/y", [20, 30]), ("c", [30]), ("c/d", [30]), ("d", []),
            ("", [0, 10, 20, 30]),
        ] as [(String, [UInt64])])
    func forgetFindsWhatMayHoldBytesOfAPath(_ path: String, _ found: [UInt64]) throws {
        let paths = [("a/a", "a/b/d"), ("a-b", "a.c"), ("b/x", "b/y"), ("b/y/1", "c/e")]
        let records = paths.enumerated().map { record(extent(UInt64($0) * 10, 10), .held, paths: $1) }
        try store.insert(records, in: replica)
        let touching = try store.extents(touching: Array(path.utf8), in: replica)
        #expect(touching.map(\.extent.range.address) == found)
    }

    @Test func extentsOfManifestsAloneHaveNoPath() throws {
        var files = left(extent(0, 10), by: 1)
        (files.firstPath, files.lastPath) = (Array("a".utf8), Array("b".utf8))
        try store.insert([files, left(extent(10, 10), by: 1), record(extent(20, 10), .held)], in: replica)
        #expect(try store.manifests(in: replica).map(\.extent) == [extent(10, 10)])
    }

    /// What a transfer was to send.
    private func left(_ extent: Extent, by transfer: UInt8) -> ExtentRecord {
        var record = record(extent)
        record.transfer = transferID(transfer)
        return record
    }
}
