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
        var tree = Tree(["data": .file(random.noise(400_000), mode: 0o644, modified: 1_000_000_000)])
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
            try handle.write(contentsOf: Data(random.noise(Int(end))))
        }
    }
}
