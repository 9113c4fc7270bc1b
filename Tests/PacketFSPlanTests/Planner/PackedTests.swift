import PacketFSModel
import PacketFSPlan
import PacketFSTestKit
import PacketFSWire
import Testing

/// Members of gzip files: another version of the content is told by what changed of it, not of the stream.
@Suite struct PackedTests {
    private static let trailer: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]

    private func gzip(_ content: [UInt8], level: Int = 6, tokens: [Int] = [], name: String = "n") throws -> [UInt8] {
        let blocks = (tokens + [0]).map { Packing.Block(isFixed: false, tokens: $0) }
        let packing = Packing(length: content.count, level: level, blocks: blocks)
        var patience = Packing.patience
        let stream = try content.withUnsafeBytes {
            try #require(packing.pack($0, limit: 1 << 22, patience: &patience))
        }
        return [0x1f, 0x8b, 8, 8, 1, 2, 3, 4, 0, 3] + Array(name.utf8) + [0] + stream + Self.trailer
    }

    private func edited(_ content: [UInt8]) -> [UInt8] {
        var content = content
        for place in stride(from: content.count - 50, to: 50, by: -9000) {
            content.replaceSubrange(place..<place + 3, with: Array("something else ".utf8))
        }
        return content
    }

    private func size(_ reader: PlanReader) throws -> Int {
        try reader.blueprints.reduce(0) { try $0 + DataRecord.leaf($1.key, $1.value).encode().count }
    }

    @Test func aChangedMemberIsToldByItsContent() throws {
        var random = SeededRandom(seed: 1)
        let bench = try Workbench()
        let (first, second) = (random.text(200_000), random.text(60_000))
        let around = random.bytes(9000)
        let old = try around + gzip(first, level: 9, tokens: [4096]) + gzip(second) + around.reversed()
        let new = try around + gzip(edited(first), level: 9, tokens: [4096]) + gzip(edited(second)) + around.reversed()
        try bench.provide(old)
        bench.options.effort = .max
        let (reader, planner) = try bench.send(new)
        let blueprint = try #require(reader.blueprints[LeafID(.content, 0)])
        #expect(blueprint.opened?.packings.map(\.level) == [9, 6])
        #expect(try size(reader) < 2500)
        #expect(planner.report.content.bytes.total == UInt64(new.count))
        // Both streams are learned whole: the next version is found in them.
        #expect(blueprint.learnedLength >= blueprint.descriptors.reduce(0) { $1.kind == .packed ? $0 + $1.length : $0 })
    }

    @Test func whatIsEqualOrUnlikeOrTooHardIsNotOpened() throws {
        var random = SeededRandom(seed: 2)
        let content = random.text(90_000)
        let around = random.bytes(9000)
        let old = try around + gzip(content) + around.reversed()
        let cases: [([UInt8], PlanEffort)] = [
            (old, .max), (try around + gzip(edited(content)) + around.reversed(), .fast),
            (try around + gzip(random.text(90_000), name: "other") + around.reversed(), .max),
            (around + random.bytes(100) + [0x1f, 0x8b, 8, 0] + random.bytes(5000) + around.reversed(), .max),
            (Array(old.prefix(old.count - 12_000)), .max),
        ]
        for (new, effort) in cases {
            let bench = try Workbench()
            try bench.provide(old)
            bench.options.effort = effort
            let (reader, _) = try bench.send(new)
            #expect(reader.blueprints.values.allSatisfy { $0.opened == nil })
        }
    }
}
