import PacketFSWire
import Testing

@testable import PacketFSRebuild

/// Records that come at the wrong time, or do not add up.
@Suite struct OrderTests {
    private let yard: Playground
    private let sender: TestSender
    private let records: [DataRecord]

    init() throws {
        yard = try Playground()
        sender = TestSender([.file("a", "one"), .file("b", "two")])
        records = try sender.records()
    }

    private func feed(_ records: [DataRecord]) throws {
        let rebuilder = try yard.rebuilder(sender)
        for record in records {
            if try rebuilder.record(record) == .manifestReady { _ = try rebuilder.proceed() }
        }
    }

    /// 0 opening, 1 manifest leaf, 2 origins, 3 content leaf.
    @Test(arguments: [
        [1], [2], [3], [0, 0], [0, 2], [0, 3], [0, 1, 1], [0, 1, 3], [0, 1, 2, 2], [0, 1, 2, 3, 3],
    ])
    func refusesDisorder(_ order: [Int]) throws {
        #expect(throws: RebuildError.outOfOrder) { try feed(order.map { records[$0] }) }
        #expect(try yard.names().allSatisfy { $0.hasPrefix(".packetfs-") })
    }

    @Test func refusesAnotherTransfersOpening() throws {
        let other = TransferID(unchecked: [UInt8](repeating: 5, count: 16))
        #expect(throws: RebuildError.outOfOrder) { try feed([.opening(other, manifest: 10, content: 10)]) }
    }

    @Test(arguments: [0, UInt64(Limits.manifest) + 1, .max])
    func refusesManifestsBeyondTheirBound(_ length: UInt64) throws {
        #expect(throws: RebuildError.wrongLength) {
            try feed([.opening(sender.transfer, manifest: length, content: 0)])
        }
    }

    @Test(arguments: [5, 7, 1 << 63, .max] as [UInt64])
    func refusesAContentLengthThatIsNotTheFiles(_ content: UInt64) throws {
        let encoding = try sender.manifest.encode()
        let opening = DataRecord.opening(sender.transfer, manifest: UInt64(encoding.count), content: content)
        #expect(throws: RebuildError.wrongLength) { try feed([opening] + records[1...2]) }
        #expect(try yard.names() == [])
    }

    @Test(arguments: [0, 1, 3])
    func refusesAnotherNumberOfOrigins(_ count: Int) throws {
        let origins = DataRecord.origins([Origin](repeating: .sent, count: count))
        #expect(throws: RebuildError.wrongLength) { try feed(Array(records[..<2]) + [origins]) }
    }

    @Test func refusesMoreThanWasAskedFor() throws {
        #expect(throws: RebuildError.outOfOrder) { try feed(records + [.more(content: 3)]) }
        var kept = sender
        kept.kept = [1: TransferID(unchecked: [UInt8](repeating: 9, count: 16))]
        for wrong in [0, 2, 4, UInt64.max] {
            let rebuilder = try yard.rebuilder(kept)
            for record in try kept.records() {
                if try rebuilder.record(record) == .manifestReady { _ = try rebuilder.proceed() }
            }
            #expect(throws: RebuildError.wrongLength) { try rebuilder.record(.more(content: wrong)) }
        }
        let rebuilder = try yard.rebuilder(kept)
        for record in try kept.records() {
            if try rebuilder.record(record) == .manifestReady { _ = try rebuilder.proceed() }
        }
        for record in kept.more([1]) { #expect(try rebuilder.record(record) == .none) }
        #expect(rebuilder.isComplete)
        #expect(throws: RebuildError.outOfOrder) { try rebuilder.record(.more(content: 3)) }
    }

    @Test func refusesBytesThatAreNoManifest() throws {
        var random = TestRandom(seed: 4)
        let encoding = try sender.manifest.encode()
        for _ in 0..<200 {
            var bytes = encoding
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let id = LeafID(.manifest, 0)
            let rebuilder = try yard.rebuilder(sender)
            let opening = DataRecord.opening(sender.transfer, manifest: UInt64(bytes.count), content: 6)
            #expect(try rebuilder.record(opening) == .none)
            do throws(RebuildError) {
                #expect(try rebuilder.record(.leaf(id, TestSender.literal(id, bytes))) == .manifestReady)
            } catch {
                guard case .manifest = error else {
                    Issue.record("\(error)")
                    continue
                }
            }
        }
        #expect(try yard.names() == [])
    }

    @Test func anEntryThatIsCommittedCannotBeDropped() throws {
        let rebuilder = try yard.rebuilder(sender)
        #expect(throws: Never.self) { try rebuilder.dropped([]) }
        for record in records {
            if try rebuilder.record(record) == .manifestReady { _ = try rebuilder.proceed() }
        }
        #expect(throws: RebuildError.outOfOrder) {
            try rebuilder.dropped([FailedEntry(entry: 2, failure: .sourceChanged)])
        }
        _ = try rebuilder.finish()
        #expect(throws: RebuildError.outOfOrder) {
            try rebuilder.dropped([FailedEntry(entry: 0, failure: .sourceChanged)])
        }
    }

    @Test func anEntryCanBeDroppedBeforeTheManifestIsThere() throws {
        let rebuilder = try yard.rebuilder(sender)
        #expect(try rebuilder.record(records[0]) == .none)
        try rebuilder.dropped([FailedEntry(entry: 1, failure: .unreadable)])
        for record in records[1...] {
            if try rebuilder.record(record) == .manifestReady { _ = try rebuilder.proceed() }
        }
        #expect(try rebuilder.finish().receipt.failures == [FailedEntry(entry: 1, failure: .unreadable)])
        #expect(try yard.names() == ["a"])
    }

    /// What is full is synced with what comes next, not with what filled it: that its sender waits for a word is known
    /// before.
    @Test func whatMayTakeLongIsKnownBefore() throws {
        let yard = try Playground(inMemory: true)
        let gate = RecordingGate()
        let many = TestSender((10_000..<14_300).map { .file("\($0)", [UInt8](repeating: 1, count: 1000)) })
        let rebuilder = try yard.rebuilder(many) { $0.gate = gate }
        var longs: [Bool] = []
        for record in try many.records() {
            longs.append(rebuilder.takesLong(record))
            #expect(!gate.writes.contains(.sync))
            if try rebuilder.record(record) == .manifestReady { _ = try rebuilder.proceed() }
        }
        #expect(longs == [false, false, true, true, true])
        #expect(gate.writes.contains(.sync))
        let one = TestSender([.file("one", [UInt8](repeating: 1, count: Limits.leaf))], number: 2)
        let other = try yard.rebuilder(one)
        for record in try one.records() {
            if case .leaf(let id, _) = record { #expect(!other.takesLong(id)) }
            if try other.record(record) == .manifestReady { _ = try other.proceed() }
        }
    }
}
