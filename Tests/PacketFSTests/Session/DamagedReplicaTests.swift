import Foundation
import PacketFS
import PacketFSTestKit
import Testing

@Suite struct DamagedReplicaTests {
    enum Damage: CaseIterable {
        case flip, truncate, replace
    }

    @Test(arguments: Damage.allCases) func theBytesAreRightAndCounted(damage: Damage) throws {
        let pair = try TestPair()
        var random = SeededRandom(seed: 7)
        var tree = Tree(["data": .file(random.bytes(400_000), mode: 0o644, modified: 1_000_000_000)])
        tree.write(to: pair.outbox)
        _ = try transfer(pair, &random)
        try apply(damage, to: #require(pair.replica))

        let edited = edit(tree, modified: 2_000_000_000)
        edited.write(to: pair.outbox, over: tree)
        tree = edited
        let summary = try transfer(pair, &random)
        #expect(Tree(at: pair.inbox) == tree)
        #expect(summary.leavesRepaired > 0)
        #expect(summary.bytesRepaired > 0)
        #expect(summary.extentsHealed + summary.extentsLost > 0)
        if damage == .flip { #expect(summary.extentsHealed > 0) }

        let later = edit(tree, modified: 3_000_000_000)
        later.write(to: pair.outbox, over: tree)
        let next = try transfer(pair, &random)
        #expect(Tree(at: pair.inbox) == later)
        #expect(next.leavesRepaired == 0)
    }

    /// Literals that look back at bytes which are damaged are garbled altogether; their repair is compressed by itself.
    @Test func aDamagedContextCostsNoMoreThanTheFileWould() throws {
        var random = SeededRandom(seed: 8)
        let old = random.text(300_000)
        // Nothing in the middle is as long as a copy must be, but all of it resembles what it replaces.
        var new = Array(old.prefix(4000))
        for start in stride(from: 4000, to: 296_000, by: 40) { new += old[start..<start + 40] + random.text(3) }
        new += old[296_000...]
        let trees = [old, new].enumerated().map { index, bytes in
            Tree(["text": .file(bytes, mode: 0o644, modified: Int64(index + 1) * 1_000_000_000)])
        }
        func cost(isOldKnown: Bool, isDamaged: Bool = false) throws -> TransferSummary {
            let pair = try TestPair()
            var random = SeededRandom(seed: 9)
            if isOldKnown {
                trees[0].write(to: pair.outbox)
                _ = try transfer(pair, &random)
            }
            if isDamaged { try apply(.replace, to: #require(pair.replica)) }
            trees[1].write(to: pair.outbox, over: isOldKnown ? trees[0] : Tree())
            let summary = try transfer(pair, &random)
            #expect(Tree(at: pair.inbox) == trees[1])
            return summary
        }
        let cold = try cost(isOldKnown: false)
        let known = try cost(isOldKnown: true)
        let damaged = try cost(isOldKnown: true, isDamaged: true)
        #expect(known.wireBytes < cold.wireBytes * 3 / 4)
        #expect(damaged.bytesRepaired > 250_000)
        #expect(damaged.wireBytes < known.wireBytes + cold.wireBytes * 5 / 4)
    }

    private func edit(_ tree: Tree, modified: Int64) -> Tree {
        guard case .file(var bytes, let mode, _) = tree.nodes["data"] else { return tree }
        bytes[1000] ^= 1
        bytes[300_000] ^= 1
        return Tree(["data": .file(bytes, mode: mode, modified: modified)])
    }

    private func transfer(_ pair: TestPair, _ random: inout SeededRandom) throws -> TransferSummary {
        let session = try SimulatedSession(pair, SessionSetup(), random: &random)
        try session.run()
        #expect(session.isComplete)
        return session.initiator.summary(now: session.clock.now)
    }

    private func apply(_ damage: Damage, to path: String) throws {
        let handle = try #require(FileHandle(forUpdatingAtPath: path))
        defer { try? handle.close() }
        let end = try handle.seekToEnd()
        #expect(end > 300_000)
        switch damage {
        case .flip:
            try handle.seek(toOffset: end - 200_000)
            let byte = try #require(try handle.read(upToCount: 1)?.first)
            try handle.seek(toOffset: end - 200_000)
            try handle.write(contentsOf: Data([byte ^ 0x10]))
        case .truncate:
            try handle.truncate(atOffset: end - 150_000)
        case .replace:
            var random = SeededRandom(seed: 99)
            try handle.seek(toOffset: 0)
            try handle.write(contentsOf: Data(random.bytes(Int(end))))
        }
    }
}
