import PacketFSBlob
import PacketFSTestKit
import PacketFSWire
import Testing

@Suite struct MatchIndexTests {
    private func index(_ scratch: Scratch, log: UInt8 = 1) throws -> MatchIndex {
        try MatchIndex(file: scratch.file("index"), log: someLog(log))
    }

    /// `count` anchors as a log of random bytes has them: one every `Anchors.spacing`.
    private func anchors(_ count: Int, seed: UInt64 = 5) -> [Anchor] {
        var generator = SeededRandom(seed: seed)
        return (1...count).map { Anchor(hash: generator.next() >> 8, address: UInt64($0 * Anchors.spacing)) }
    }

    private func share(of anchors: [Anchor], in index: MatchIndex) -> Double {
        let found = anchors.count { anchor in index.candidates(for: anchor.hash).contains(anchor.address) }
        return Double(found) / Double(anchors.count)
    }

    @Test func findsWhatWasInsertedAndNothingElse() throws {
        let index = try index(try Scratch())
        index.insert(hash: 42, address: 1000)
        index.insert(hash: 43, address: 0)
        #expect(Array(index.candidates(for: 42)) == [1000])
        #expect(Array(index.candidates(for: 43)) == [0])
        #expect(index.candidates(for: 44).isEmpty)
        #expect(index.addressCount == 2)
    }

    @Test func givesTheNewestFourNewestFirst() throws {
        let index = try index(try Scratch())
        for address: UInt64 in [5, 1, 9, 7, 3, 8] { index.insert(hash: 42, address: address) }
        #expect(Array(index.candidates(for: 42)) == [9, 8, 7, 5])
        index.insert(hash: 42, address: 9)
        #expect(Array(index.candidates(for: 42)) == [9, 8, 7, 5])
        #expect(index.addressCount == 4)
    }

    @Test func whatIsTakenOutIsGoneAndNothingElse() throws {
        let scratch = try Scratch()
        let index = try index(scratch)
        let log = try Log(file: scratch.file("log"), id: someLog(1), create: true)
        var random = SeededRandom(seed: 9)
        let bytes = random.bytes(300_000)
        try log.write(bytes, at: 0)
        let (kept, gone) = (AddressRange(address: 0, length: 100_000), AddressRange(address: 100_000, length: 200_000))
        for range in [kept, gone] { log.withMapped(range) { index.insert($0, at: range.address) } }
        func found() -> Set<UInt64> {
            var found: Set<UInt64> = []
            log.withMapped(AddressRange(address: 0, length: bytes.count)) { bytes in
                Anchors.scan(bytes) { end, hash in
                    if index.candidates(for: hash).contains(UInt64(end)) { found.insert(UInt64(end)) }
                }
            }
            return found
        }
        let (before, count) = (found(), index.addressCount)
        // Reaches beyond the file, as what was reserved does.
        index.remove(AddressRange(address: gone.address, length: 1 << 20), of: log)
        let after = found()
        #expect(after == before.filter { $0 <= gone.address } && after.count > 200 && before.count - after.count > 500)
        #expect(count - index.addressCount >= UInt64(before.count - after.count))
    }

    /// Also windows that reach into what is gone, and bytes that cannot be read any more.
    @Test func nothingIsKeptOfAddressesThatAreGone() throws {
        let index = try index(try Scratch())
        let some = anchors(50_000)
        index.insert(some)
        let gone = [AddressRange(address: 1_000_000, length: 500_000), AddressRange(address: 1_500_000, length: 10)]
        index.remove(RunSet(gone + [AddressRange(address: 2_000_000, length: 1)]))
        let window = UInt64(Anchors.window)
        func isKept(_ end: UInt64) -> Bool {
            !(1_000_001..<1_500_010 + window).contains(end) && !(2_000_001..<2_000_001 + window).contains(end)
        }
        let left = some.filter { index.candidates(for: $0.hash).contains($0.address) }
        #expect(left.allSatisfy { isKept($0.address) })
        #expect(left.count > 40_000 && index.addressCount >= UInt64(left.count))
        #expect(index.addressCount < 49_000)
    }

    /// Only windows that lie wholly in what is held.
    @Test func nothingIsKeptBesideWhatIsHeld() throws {
        let index = try index(try Scratch())
        let some = anchors(50_000)
        index.insert(some)
        let held = [AddressRange(address: 1_000_000, length: 500_000), AddressRange(address: 1_600_000, length: 10)]
        let known = some.filter { index.candidates(for: $0.hash).contains($0.address) }
        index.remove(allBut: RunSet(held))
        let left = known.filter { index.candidates(for: $0.hash).contains($0.address) }
        let first = 1_000_000 + UInt64(Anchors.window)
        #expect(left.map(\.address) == known.map(\.address).filter { (first...1_500_000).contains($0) })
        #expect(left.count > 1000 && index.addressCount == UInt64(left.count))
    }

    @Test func anAddressBeyondItsReachIsIgnored() throws {
        let index = try index(try Scratch())
        let unreachable: [UInt64] = [.max, 1 << 44, 1 << 44 - 1]
        for address in unreachable { index.insert(hash: 42, address: address) }
        #expect(index.candidates(for: 42).isEmpty)
        index.insert(hash: 42, address: 1 << 44 - 2)
        #expect(Array(index.candidates(for: 42)) == [1 << 44 - 2])
    }

    @Test func survivesReopening() throws {
        let scratch = try Scratch()
        let some = anchors(5000)
        do {
            let index = try index(scratch)
            #expect(index.needsRebuild)
            try index.rebuild(from: try scratch.log(), runs: RunSet([]))
            index.insert(some)
            try index.sync()
        }
        let reopened = try index(scratch)
        #expect(!reopened.needsRebuild)
        #expect(share(of: some, in: reopened) > 0.85)
        #expect(try mode(of: scratch.file("index")) == 0o600)
    }

    @Test func growsKeepsItsEntriesAndStaysSmall() throws {
        let index = try index(try Scratch())
        #expect(index.byteCount < 4096)
        let some = anchors(300_000)
        for start in stride(from: 0, to: some.count, by: 1000) {
            index.insert(Array(some[start..<start + 1000]))
            let blob = some[start + 999].address
            #expect(index.byteCount <= max(4096, blob / 20))
        }
        #expect(share(of: some, in: index) > 0.8)
        // Forgetting takes the oldest.
        #expect(share(of: Array(some.suffix(30_000)), in: index) > share(of: Array(some.prefix(30_000)), in: index))
        #expect(share(of: Array(some.suffix(30_000)), in: index) > 0.95)
        let strangers = anchors(20_000, seed: 99).map { Anchor(hash: $0.hash, address: .max) }
        #expect(strangers.reduce(0) { $0 + index.candidates(for: $1.hash).count } < 20)
    }

    @Test func entriesOfATinyTableOutliveManySplits() throws {
        let index = try index(try Scratch())
        let first = (0..<20).map { Anchor(hash: UInt64($0) << 20, address: UInt64(1 << 30) + UInt64($0)) }
        index.insert(first)
        index.insert(anchors(200_000))
        #expect(index.byteCount > 1 << 20)
        #expect(share(of: first, in: index) == 1)
    }

    @Test func rebuildIndexesTheRunsOfALog() throws {
        let scratch = try Scratch()
        let log = try scratch.log()
        let bytes = randomBytes(20 << 20)
        try log.write(bytes, at: 4096)
        var expected: [Anchor] = []
        bytes.withUnsafeBytes { bytes in
            Anchors.scan(bytes) { expected.append(Anchor(hash: $1, address: UInt64($0) + 4096)) }
        }
        // The run begins where it makes this anchor's window lie across the border of two steps of 16 MiB.
        let crossing = try #require(expected.first { $0.address > 18 << 20 })
        let run = AddressRange(address: crossing.address - 16 - (16 << 20), length: 17 << 20)
        let index = try index(scratch)
        index.insert(hash: 1, address: 1)
        try index.rebuild(from: log, runs: RunSet([run]))
        #expect(!index.needsRebuild)
        #expect(index.candidates(for: 1).isEmpty)
        #expect(index.candidates(for: crossing.hash).contains(crossing.address))
        let window = UInt64(Anchors.window)
        let inside = expected.filter { $0.address >= run.address + window && $0.address <= run.end }
        let outside = expected.filter { $0.address < run.address + window || $0.address > run.end }
        #expect(share(of: inside, in: index) > 0.8)
        #expect(share(of: outside, in: index) == 0)
    }

    @Test func insertsTheAnchorsOfBytes() throws {
        let index = try index(try Scratch())
        let bytes = randomBytes(100_000)
        bytes.withUnsafeBytes { index.insert($0, at: 1 << 20) }
        var found = 0
        var missed = 0
        bytes.withUnsafeBytes { bytes in
            Anchors.scan(bytes) { end, hash in
                if index.candidates(for: hash).contains(1 << 20 + UInt64(end)) { found += 1 } else { missed += 1 }
            }
        }
        #expect(found > 300 && missed < found / 20)
    }

    @Test func twoHandlesShareOneFileWhileItGrows() async throws {
        let scratch = try Scratch()
        let handles = [try index(scratch), try index(scratch)]
        let some = anchors(120_000)
        await withTaskGroup(of: Void.self) { group in
            for (turn, handle) in handles.enumerated() {
                group.addTask {
                    for start in stride(from: turn * 500, to: some.count, by: 1000) {
                        handle.insert(Array(some[start..<start + 500]))
                        for anchor in some[start..<start + 100] { _ = handle.candidates(for: anchor.hash) }
                    }
                }
            }
        }
        #expect(handles[0].byteCount == handles[1].byteCount)
        for handle in handles { #expect(share(of: some, in: handle) > 0.8) }
    }
}
