import Foundation
import PacketFS
import PacketFSTestKit
import Testing

/// The sources change between the scan and the reading.
@Suite struct ChangingSourceTests {
    @Test func aChangedFileIsSentAsItIsInTheEnd() throws {
        try check { tree in tree.nodes["b"] = .file(Array("changed".utf8), mode: 0o644, modified: 5_000_000_000) }
    }

    @Test func aShrunkFileIsSentAsItIsInTheEnd() throws {
        try check { tree in tree.nodes["b"] = .file([], mode: 0o644, modified: 5_000_000_000) }
    }

    @Test func aVanishedFileIsLeftOut() throws {
        try check { tree in tree.nodes["b"] = nil }
    }

    private func check(_ change: (inout Tree) -> Void) throws {
        let pair = try TestPair()
        var random = SeededRandom(seed: 3)
        var tree = Tree()
        for name in ["a", "b", "c"] {
            tree.nodes[name] = .file(random.bytes(50_000), mode: 0o644, modified: 1_000_000_000)
        }
        tree.write(to: pair.outbox)
        let session = try SimulatedSession(pair, SessionSetup(), random: &random)
        let before = tree
        change(&tree)
        tree.write(to: pair.outbox, over: before)
        try session.run()
        #expect(session.isComplete)
        #expect(Tree(at: pair.inbox) == tree)
        #expect(Tree.leftovers(at: pair.inbox).isEmpty)
    }
}
