import Foundation
import Glibc
import PacketFSWire
import Testing

@testable import PacketFSRebuild

/// What is kept of a leaf that was cut off, or whose repair was.
@Suite struct KeepTests {
    private let bytes = TestRandom.bytes(2 * Limits.leaf, seed: 41)
    private let yard: Playground

    init() throws {
        yard = try Playground()
    }

    /// Cuts the leaf that comes after `records`, of whose literals `count` bytes came.
    private func cut(
        _ sender: TestSender, after records: Int, _ count: Int, _ change: (inout RebuildSetup) -> Void = { _ in }
    ) throws -> RebuildSetup.Interrupted {
        let rebuilder = try yard.rebuilder(sender, change)
        #expect(try sender.run(rebuilder, limit: records) == nil)
        guard case .leaf(let id, var blueprint) = try sender.records()[records] else { throw Playground.Unfinished() }
        blueprint.literals.replaceSubrange(count..., with: repeatElement(0, count: blueprint.literals.count - count))
        try rebuilder.keep(CutLeaf(id: id, blueprint: blueprint, literalBytes: count))
        return RebuildSetup.Interrupted(transfer: sender.transfer, manifest: sender.manifest)
    }

    private func partial(_ interrupted: RebuildSetup.Interrupted) throws -> [UInt64] {
        Rebuilder.partialFiles(of: interrupted, root: try yard.root()).map(\.bytes)
    }

    /// What is left of the version before is longer, and nobody has it for the new one.
    @Test func aFileThatChangedIsBegunAnew() throws {
        let old = try cut(TestSender([.file("f", bytes)]), after: 4, 1_000_000)
        #expect(try partial(old) == [UInt64(Limits.leaf + 1_000_000)])
        let changed = TestSender([.file("f", TestRandom.bytes(bytes.count, seed: 42), seconds: 5)], number: 2)
        let new = try cut(changed, after: 3, 500_000) { $0.resuming = old }
        #expect(try partial(new) == [500_000])
        let temporary = try #require(try yard.leftovers().first)
        #expect(yard.bytes(temporary) == Array(changed.content.prefix(500_000)))
    }

    @Test func whatIsKeptOfASparseFileHasHoles() throws {
        let data = Array(bytes.prefix(100_000))
        var sender = TestSender([.file("f", [UInt8](repeating: 0, count: 3_000_000) + data)])
        sender.manifest.entries[0].isSparse = true
        sender.describe = { id, bytes in
            guard id.stream == .content else { return TestSender.literal(id, bytes) }
            return LeafBlueprint(
                descriptors: [.fill(byte: 0, length: 3_000_000), .literal(length: data.count)], coding: .raw,
                literals: data, tag: TestSender.tag(id, bytes))
        }
        #expect(try partial(cut(sender, after: 3, 50_000)) == [3_050_000])
        var raw = stat()
        let temporary = try #require(try yard.leftovers().first)
        #expect(lstat(yard.destination + "/" + temporary, &raw) == 0 && raw.st_blocks < 200)
    }

    /// However many there are, each run gets further.
    @Test func theSmallFilesOfACutLeafBecomeMore() throws {
        let nodes = (0..<10_000).map { TestSender.Node.file("f\(10_000 + $0)", Array("\(10_000 + $0)".utf8)) }
        var interrupted: RebuildSetup.Interrupted?
        var kept = [0]
        for number in 1...3 {
            var sender = TestSender(nodes, number: UInt8(number))
            let held = kept.last ?? 0
            sender.describe = { id, bytes in
                guard id.stream == .content else { return TestSender.literal(id, bytes) }
                let parts: [Descriptor] = [.held(length: held), .literal(length: bytes.count - held)]
                return LeafBlueprint(
                    descriptors: parts.filter { $0.length > 0 }, coding: .raw, literals: Array(bytes[held...]),
                    tag: TestSender.tag(id, bytes))
            }
            interrupted = try cut(sender, after: 3, 5 * nodes.count - held - 1) { $0.resuming = interrupted }
            kept.append(Int(try partial(#require(interrupted)).reduce(0, +)))
        }
        #expect(kept == [0, 5 * 4096, 5 * 8192, 5 * nodes.count - 1])
    }

    @Test func aFileThatStandsRightIsNotReplaced() throws {
        try yard.write(bytes, to: "f")
        let comparing: (inout RebuildSetup) -> Void = { $0.comparesStanding = true }
        _ = try cut(TestSender([.file("f", bytes)]), after: 3, 500_000, comparing)
        #expect(try yard.names() == ["f"])
        _ = try cut(TestSender([.file("f", bytes.reversed())], number: 2), after: 3, 500_000, comparing)
        #expect(try yard.leftovers().count == 1)
    }

    /// Parts that came stay, and what of the leaf was right: the next run asks for the others alone.
    @Test func aRepairThatIsCutOffGoesOn() throws {
        let sender = TestSender([.file("f", bytes)])
        let first = try cut(sender, after: 4, 0)
        let temporary = try #require(try yard.leftovers().first)
        try yard.damage("destination/" + temporary, at: 0, with: [UInt8](repeating: 0, count: 10 * Limits.part))
        let wanted = try (2...4).reduce(into: (runs: [[Int]](), last: first)) { found, number in
            var sender = TestSender([.file("f", bytes)], number: UInt8(number))
            sender.describe = { id, bytes in
                guard id == LeafID(.content, 0) else { return TestSender.literal(id, bytes) }
                return LeafBlueprint(
                    descriptors: [.held(length: bytes.count)], coding: .raw, literals: [],
                    tag: TestSender.tag(id, bytes))
            }
            let rebuilder = try yard.rebuilder(sender) { [last = found.last] in $0.resuming = last }
            found.runs.append(try repair(rebuilder, sender, parts: 4))
            found.last = RebuildSetup.Interrupted(transfer: sender.transfer, manifest: sender.manifest)
        }
        #expect(wanted.runs == [Array(0..<10), Array(4..<10), Array(8..<10)])
        #expect(yard.bytes("f") == nil)
        #expect(yard.bytes(try #require(try yard.leftovers().first)) == Array(bytes.prefix(Limits.leaf)))
    }

    /// Takes the first leaf, of which a few parts are repaired, the last of them in half; returns what was asked for.
    private func repair(_ rebuilder: Rebuilder, _ sender: TestSender, parts: Int) throws -> [Int] {
        for record in try sender.records().prefix(4) {
            if try rebuilder.record(record) == .manifestReady { _ = try rebuilder.proceed() }
        }
        let leaf = LeafID(.content, 0)
        let all = try sender.bytes(of: leaf)
        let tags = stride(from: 0, to: all.count, by: Limits.part).flatMap { start in
            all[start..<start + Limits.part].withUnsafeBytes {
                TestTagger().tag(part: start / Limits.part, of: leaf, bytes: $0)
            }
        }
        let wanted = try rebuilder.tags(leaf, tags)
        for (number, part) in wanted.prefix(parts + 1).enumerated() {
            let bytes = all[part * Limits.part..<(part + 1) * Limits.part]
            let came = number < parts ? bytes : bytes.prefix(Limits.part / 2)
            _ = try rebuilder.part(leaf, part: part, offset: 0, bytes: Array(came))
        }
        try rebuilder.keepRepaired()
        return wanted
    }
}
