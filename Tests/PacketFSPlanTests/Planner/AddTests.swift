import Foundation
import PacketFSBlob
import PacketFSPlan
import PacketFSTestKit
import PacketFSWire
import Testing

/// Adds: what resembles the log, and equals it nowhere for long.
@Suite struct AddTests {
    /// One byte in a while moves by the same distance, as in code that was linked anew.
    private func relinked(_ bytes: [UInt8], by distance: UInt8) -> [UInt8] {
        var relinked = bytes
        for place in stride(from: 0, to: bytes.count - 4, by: 300) { relinked[place] &+= distance }
        return relinked
    }

    @Test(arguments: PlanEffort.allCases)
    func bytesThatChangeEverywhereCostLittle(_ effort: PlanEffort) throws {
        var random = SeededRandom(seed: 1)
        let bench = try Workbench()
        bench.options.effort = effort
        let old = random.bytes(1 << 20)
        try bench.provide(old)
        var new = old
        for place in stride(from: 300, to: new.count, by: 700) { new[place] &+= 1 }
        let (reader, planner) = try bench.send(new)
        let report = planner.report.content
        #expect(report.bytes.added > UInt64(new.count * 9 / 10))
        #expect(reader.blueprints[LeafID(.content, 0)]?.learnedAt != nil)
        let quick = effort == .fast ? DifferenceCoding.zstd : .modelled
        #expect(reader.blueprints.values.allSatisfy { !$0.hasAdds || $0.differenceCoding == quick })
        #expect(report.differences + report.codedLiterals < 6_000)
    }

    @Test func shortMatchesAreFoundBetweenLongOnes() throws {
        var random = SeededRandom(seed: 2)
        let bench = try Workbench()
        let old = random.bytes(600_000)
        try bench.provide(old)
        // Pieces of 40 bytes in another order: an anchor is in few of them.
        let pieces = stride(from: 200_000, to: 240_000, by: 40).map { Array(old[$0..<$0 + 40]) }
        let new = Array(old[..<200_000]) + pieces.shuffled(using: &random).joined() + Array(old[240_000...])
        bench.options.learns = false
        try bench.folder.file("src/f", new)
        let tree = try bench.scan()
        func wire(_ effort: PlanEffort, _ pace: Pace? = nil) throws -> Int {
            bench.options.effort = effort
            let reader = try bench.run(bench.planner(tree), pace: pace)
            expectSame(reader.streams[.content, default: []], new)
            return try reader.blueprints.reduce(0) { try $0 + DataRecord.leaf($1.key, $1.value).encode().count }
        }
        let best = try wire(.max)
        #expect(try best < wire(.fast) && best < 6_000)
        // A link that takes bytes faster than that finds them, and has nothing to do.
        #expect(try wire(.auto, Pace(rate: 100e6, slack: 0, isSettled: true)) > best)
        #expect(try wire(.max, Pace(rate: 100e6, slack: 0, isSettled: true)) == best)
        #expect(try wire(.auto, Pace(rate: 100e6, slack: 2, isSettled: true)) == wire(.auto))
        #expect(try wire(.auto, Pace(rate: 1e6, slack: 0, isSettled: true)) == wire(.auto))
    }

    /// Of ten versions, each like the one before, the eleventh costs no more than with the last one alone.
    @Test func manyVersionsCostNoMoreThanTheLast() throws {
        var random = SeededRandom(seed: 3)
        var versions = [random.prose(400_000)]
        for version in 1...10 {
            var next = relinked(versions[version - 1], by: UInt8(version))
            next.replaceSubrange(version * 1000..<version * 1000 + 50, with: random.bytes(80))
            versions.append(next)
        }
        let many = try Workbench()
        many.isHistory = true
        for version in versions.prefix(10) {
            let (reader, planner) = try many.send(version)
            many.acknowledge(try planner.finishLearning())
            expectSame(reader.streams[.content, default: []], version)
        }
        let last = try Workbench()
        try last.provide(versions[9])
        let cost = try [many, last].map { bench -> Int in
            let (reader, _) = try bench.send(versions[10])
            return try reader.blueprints.reduce(0) { try $0 + DataRecord.leaf($1.key, $1.value).encode().count }
        }
        #expect(cost[0] <= cost[1] + cost[1] / 100 + 16)
    }

    /// This program's own code, cut, moved, filled and changed.
    @Test(arguments: PlanEffort.allCases, 0..<6)
    func realBytesComeOutAsTheyWere(_ effort: PlanEffort, _ seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) + 7)
        let program = try #require(FileHandle(forReadingAtPath: "/proc/self/exe"))
        try program.seek(toOffset: UInt64(random.draw(0...4)) << 18)
        let old = [UInt8](try #require(try program.read(upToCount: 700_000)))
        let bench = try Workbench()
        bench.options.effort = effort
        try bench.provide(old)
        var new = old
        for _ in 0..<random.draw(1...20) {
            let start = random.draw(0...new.count - 1)
            let range = start..<min(new.count, start + random.magnitude(upTo: 20_000))
            switch random.draw(0...3) {
            case 0: new.removeSubrange(range)
            case 1: new.insert(contentsOf: random.bytes(random.magnitude(upTo: 900)), at: start)
            case 2: new += new[range]
            default: for place in range where place.isMultiple(of: 9) { new[place] &+= 4 }
            }
        }
        let (_, planner) = try bench.send(new)
        let bytes = planner.report.content.bytes
        #expect(bytes.total == UInt64(new.count) && bytes.literal < UInt64(new.count / 4))
    }

    @Test(arguments: 0..<8)
    func noiseBetweenKnownBytesIsLiteral(_ seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) + 50)
        let bench = try Workbench()
        let old = random.bytes(300_000)
        try bench.provide(old)
        let noise = random.bytes(30_000)
        let (_, planner) = try bench.send(Array(old[..<100_000]) + noise + Array(old[100_000...]))
        let report = planner.report.content
        #expect(report.bytes.literal >= 29_900 && report.codedLiterals <= report.bytes.literal)
    }

    /// What is short and stands in two leaves is learned with both: the next version is then found in one piece.
    @Test(arguments: PlanEffort.allCases)
    func shortRepetitionsAreLearnedWithWhatIsAroundThem(_ effort: PlanEffort) throws {
        var random = SeededRandom(seed: 60)
        let bench = try Workbench()
        bench.options.effort = effort
        let first = random.bytes(Limits.leaf)
        let second = random.bytes(50_000) + first[1_000_000..<1_020_000] + random.bytes(50_000)
        let long = first[2_000_000..<2_200_000]
        let (_, planner) = try bench.send(first + second + long)
        let extents = try planner.finishLearning()
        let learned = extents.reduce(0) { $0 + $1.range.length } - Int(planner.manifestLength)
        #expect((Limits.leaf + second.count..<Limits.leaf + second.count + 100).contains(learned))
        bench.acknowledge(extents)
        let (reader, _) = try bench.send(second)
        #expect(reader.blueprints[LeafID(.content, 0)]?.descriptors.count == 1)
    }

    /// Tables resemble themselves some lines on; the line that goes on best is to be found all the same.
    @Test func tablesAreFoundOnTheirDiagonal() throws {
        var random = SeededRandom(seed: 61)
        func line(_ number: Int) -> [UInt8] {
            let place = UInt64(number * 41 + random.draw(0...30)).littleEndian
            let rest = [UInt8(random.draw(1...250)), 0, 0, 0, 2, 0, 0, 0] + random.bytes(2) + [0, 0, 0, 0, 0, 0]
            return withUnsafeBytes(of: place) { Array($0) } + rest
        }
        let lines = (0..<10_000).map(line)
        let bench = try Workbench()
        bench.options.effort = .max
        bench.options.learns = false
        let noise = random.bytes(100_000)
        try bench.provide(noise + lines.joined())
        let kept = lines.enumerated().filter { !$0.offset.isMultiple(of: 97) }.map(\.element)
        let (_, planner) = try bench.send(noise + kept.joined())
        let report = planner.report.content
        #expect(report.differences + report.codedLiterals < 1_500)
    }

    /// In lightly compressed bytes, what stayed comes in pieces too short for the usual search.
    @Test func lightlyCompressedBytesAreFoundInShortPieces() throws {
        var random = SeededRandom(seed: 62)
        let pieces = (0..<20_000).map { _ in random.bytes(9) }
        func compressed() -> [UInt8] { pieces.flatMap { $0 + random.bytes(random.draw(0...19) == 0 ? 5 : 2) } }
        let noise = random.bytes(200_000)
        let bench = try Workbench()
        bench.options.effort = .max
        try bench.provide(noise + compressed())
        let new = noise + compressed()
        let (_, planner) = try bench.send(new)
        #expect(planner.report.content.bytes.literal < UInt64(new.count - noise.count) / 3)
    }
}
