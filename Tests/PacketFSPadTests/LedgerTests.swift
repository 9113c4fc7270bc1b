import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFSPad

@Suite("The ledger")
struct LedgerTests {
    private static let tag = [UInt8](21...36)
    private let all: [LedgerRecord] = [
        .bound(machine: [UInt8](1...16), files: 7, next: 0), .reserved(start: 0, count: 3),
        .settled(start: 0, count: 1),
        .burnt(start: 1, count: 2), .tried(start: 4), .received(start: 4, count: 2, tag: Self.tag),
        .cleared(start: 4, count: 2),
        .claimed(mark: 9), .bound(machine: [UInt8](1...16), files: 8, next: 9), .retired,
    ]

    @Test func everyRecordIsReadAsItWasWritten() throws {
        for record in all {
            #expect(record.body.count == LedgerRecord.bodySize)
            #expect(try LedgerRecord(body: record.body) == record)
            var body = record.body
            body[3] = 1
            #expect(throws: WireError.inconsistent) { try LedgerRecord(body: body) }
            #expect(throws: WireError.truncated) { try LedgerRecord(body: Array(body.dropLast())) }
        }
        #expect(throws: WireError.unknown) { try LedgerRecord(body: [UInt8](repeating: 0, count: 40)) }
    }

    @Test func theStateIsTheSumOfTheRecords() throws {
        var state = LedgerState(blocks: 16)
        for record in all { try state.apply(record) }
        #expect((state.next, state.settled, state.burnt, state.claimed) == (9, 1, 8, 9))
        #expect(state.received.ranges == [4..<6])
        #expect(
            state.latest == [MessageMark(start: 4, tag: Self.tag)] && state.open.isEmpty && state.uncleared.isEmpty
                && state.isRetired)
    }

    @Test func whatCannotFollowIsRefused() throws {
        let cases: [[LedgerRecord]] = [
            [.reserved(start: 0, count: 1)],
            [all[0], .reserved(start: 1, count: 1)],
            [all[0], .reserved(start: 0, count: 17)],
            [all[0], .reserved(start: 0, count: 0)],
            [all[0], .reserved(start: 0, count: 2), .reserved(start: 0, count: 2)],
            [all[0], .settled(start: 0, count: 1)],
            [all[0], .reserved(start: 0, count: 2), .settled(start: 0, count: 1), .burnt(start: 0, count: 1)],
            [all[0], .received(start: 1, count: 2, tag: Self.tag), .received(start: 2, count: 1, tag: Self.tag)],
            [all[0], .received(start: 15, count: .max, tag: Self.tag)],
            [all[0], .cleared(start: 0, count: 1)],
            [all[0], .claimed(mark: 0)],
            [all[0], .reserved(start: 0, count: 2), all[0]],
            [all[0], .retired, .tried(start: 0)],
        ]
        for records in cases {
            var state = LedgerState(blocks: 16)
            for record in records.dropLast() { try state.apply(record) }
            #expect(throws: PadError.ledgerDamaged) { try state.apply(#require(records.last)) }
        }
    }

    @Test func anyFlippedBitIsFound() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 4)
        _ = try folder.seal([[1]])
        let size = try folder.bytes("a/ledger").count
        #expect(size == 5 * LedgerRecord.size)
        for offset in 0..<size {
            try folder.flip("a/ledger", at: offset, bit: UInt8(1 << (offset % 8)))
            #expect(throws: PadError.ledgerDamaged, "byte \(offset)") { try folder.open("a") }
            try folder.flip("a/ledger", at: offset, bit: UInt8(1 << (offset % 8)))
        }
        #expect(try folder.open("a").left == 3)
    }

    /// A file system may have given the file its length, and not the bytes yet.
    @Test(arguments: [[UInt8](repeating: 2, count: 63), [UInt8](repeating: 0, count: 64)])
    func aRecordThatWasCutNeverCounted(_ rest: [UInt8]) throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 4)
        try folder.append(rest, to: "a/ledger")
        #expect(try folder.open("a").reserve(1) == 0..<1)
        #expect(try folder.open("a").reserve(1) == 1..<2)
    }

    /// No crash leaves more than one record undone.
    @Test func zerosThatNoCrashLeavesAreDamage() throws {
        for rest in [[UInt8](repeating: 0, count: 128), [UInt8](repeating: 0, count: 65)] {
            let folder = try PadFolder()
            try folder.fill(blocks: 4)
            try folder.append(rest, to: "a/ledger")
            #expect(throws: PadError.ledgerDamaged) { try folder.open("a") }
        }
    }

    /// More records than are read at once, with a cut one behind them.
    @Test func aLongLedgerIsReplayedWhole() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 2048)
        do {
            let pad = try folder.open("a")
            for block: UInt64 in 0..<1100 { #expect(try pad.reserve(1) == block..<block + 1) }
        }
        try folder.append([UInt8](repeating: 2, count: 1), to: "a/ledger")
        #expect(try folder.open("a").reserve(1) == 1100..<1101)
        try folder.flip("a/ledger", at: 1090 * LedgerRecord.size, bit: 1)
        #expect(throws: PadError.ledgerDamaged) { try folder.open("a") }
    }

    /// A million reservations and receipts in any order: none overlaps another, and the sums are right.
    @Test func reservationsAreDisjoint() throws {
        var generator = SeededRandom(seed: 12)
        let blocks: UInt64 = 1 << 33
        var state = LedgerState(blocks: blocks)
        try state.apply(.bound(machine: [UInt8](repeating: 1, count: 16), files: 0, next: 0))
        var end: UInt64 = 0
        var (used, burnt): (UInt64, UInt64) = (0, 0)
        for _ in 0..<1_000_000 {
            let count = UInt64.random(in: 1...4096, using: &generator)
            let start = state.next
            guard start >= end else {
                Issue.record("block \(start) was reserved before")
                return
            }
            try state.apply(.reserved(start: start, count: count))
            end = start + count
            let settled = UInt64.random(in: 0...count, using: &generator)
            if settled > 0 { try state.apply(.settled(start: start, count: settled)) }
            if settled < count { try state.apply(.burnt(start: start + settled, count: count - settled)) }
            (used, burnt) = (used + settled, burnt + count - settled)
        }
        #expect(state.settled == used && state.burnt == burnt && state.next == used + burnt && state.open.isEmpty)
    }

    @Test func spentBlocksAreASet() throws {
        var generator = SeededRandom(seed: 12)
        var set = BlockSet()
        var model = [Bool](repeating: false, count: 2000)
        for _ in 0..<4000 {
            let start = Int.random(in: 0..<1990, using: &generator)
            let end = start + Int.random(in: 1...10, using: &generator)
            let isFree = !model[start..<end].contains(true)
            #expect(set.insert(UInt64(start)..<UInt64(end)) == isFree)
            if isFree { for index in start..<end { model[index] = true } }
        }
        #expect(set.count == UInt64(model.count { $0 }))
        for end in [0, 700, 2000] {
            let gaps = Set(set.gaps(below: UInt64(end)).flatMap { $0 })
            #expect(gaps == Set(model.indices.prefix(end).filter { !model[$0] }.map { UInt64($0) }))
        }
        for (left, right) in zip(set.ranges, set.ranges.dropFirst()) { #expect(left.upperBound < right.lowerBound) }
    }
}
