import PacketFSBlob
import PacketFSPlan
import PacketFSTestKit
import PacketFSWire
import Testing

/// Adds: what resembles the log, and equals it nowhere for long.
@Suite struct AddTests {
    /// Numbers of four bytes, of which every eighth moves by the same distance, as in code that was linked anew.
    private func relinked(_ bytes: [UInt8], by distance: UInt8) -> [UInt8] {
        var relinked = bytes
        for place in stride(from: 0, to: bytes.count - 4, by: 32) { relinked[place] &+= distance }
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
        #expect(reader.blueprints.values.allSatisfy { $0.learnedLength == 0 || $0.learnedAt != nil })
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
        let wire = try PlanEffort.allCases.map { effort -> Int in
            bench.options.effort = effort
            bench.options.learns = false
            let (reader, _) = try bench.send(new)
            return try reader.blueprints.reduce(0) { try $0 + DataRecord.leaf($1.key, $1.value).encode().count }
        }
        #expect(wire[0] > 30_000 && wire[1] < 6_000)
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
        #expect(cost[0] <= cost[1] + cost[1] / 10 + 64)
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
}
