import Foundation
import Glibc
import PacketFS
import PacketFSTestKit
import PacketFSWire
import Testing

@Suite struct ChecksumTests {
    /// Files that are right already stay as they are, links and all, where the sender may read them; elsewhere it would
    /// learn whether its guess of one is right.
    @Test(arguments: [true, false]) func whatIsRightAlreadyStaysWhereItMayBeRead(isReadable: Bool) throws {
        let pair = try TestPair()
        let verbs: Set<Grant.Verb> = isReadable ? [.put, .get] : [.put]
        _ = try pair.right.updatePeer(TestPair.peer, grants: { _ in [Grant(root: pair.inbox, verbs: verbs)] })
        func tree(_ second: UInt8) -> Tree {
            Tree(["one": .file([1, 2, 3], mode: 0o644, modified: 0), "two": .file([second], mode: 0o644, modified: 0)])
        }
        tree(4).write(to: pair.inbox)
        tree(5).write(to: pair.outbox)
        func inode(_ name: String) throws -> ino_t {
            var status = stat()
            try #require(lstat(pair.inbox + "/" + name, &status) == 0)
            return status.st_ino
        }
        let before = (one: try inode("one"), two: try inode("two"))
        var setup = SessionSetup()
        setup.options.checksums = true
        var random = SeededRandom(seed: 1)
        let session = try SimulatedSession(pair, setup, random: &random)
        try session.run()
        #expect(session.isComplete)
        #expect(try (inode("one") == before.one) == isReadable)
        #expect(try inode("two") != before.two)
        let summary = session.initiator.summary(now: session.clock.now)
        #expect(summary.filesKept == (isReadable ? 1 : 0) && summary.filesWritten == (isReadable ? 1 : 2))
        #expect(Tree(at: pair.inbox) == Tree(at: pair.outbox))
    }

    /// Nor does it learn that from what an interrupted transfer is said to have left: of that, only what it committed.
    @Test(arguments: [true, false]) func whatAnotherPutThereIsNoLeftover(isReadable: Bool) throws {
        let pair = try TestPair()
        let verbs: Set<Grant.Verb> = isReadable ? [.put, .get] : [.put]
        _ = try pair.right.updatePeer(TestPair.peer, grants: { _ in [Grant(root: pair.inbox, verbs: verbs)] })
        var random = SeededRandom(seed: 2)
        let tree = Tree(["guess": .file(random.bytes(6 << 20), mode: 0o644, modified: 0)])
        tree.write(to: pair.outbox)
        tree.write(to: pair.inbox)
        var before = stat()
        try #require(lstat(pair.inbox + "/guess", &before) == 0)
        var setup = SessionSetup()
        setup.options.learns = false
        // The manifest has come, and what came of the file is gone.
        setup.faults.cut = (.toResponder, 100_000)
        let cut = try SimulatedSession(pair, setup, random: &random)
        try cut.run()
        #expect(!cut.isComplete)
        for name in try FileManager.default.contentsOfDirectory(atPath: pair.inbox) where name != "guess" {
            try FileManager.default.removeItem(atPath: pair.inbox + "/" + name)
        }
        #expect(try pair.right.status().unfinished.count == 1)
        try pair.reopen()
        setup.faults.cut = nil
        let again = try SimulatedSession(pair, setup, random: &random)
        try again.run()
        #expect(again.isComplete)
        let sent = again.initiator.summary(now: again.clock.now).dataPlaneBytes
        #expect((sent < 1 << 20) == isReadable)
        var after = stat()
        try #require(lstat(pair.inbox + "/guess", &after) == 0)
        #expect((after.st_ino == before.st_ino) == isReadable)
        #expect(Tree(at: pair.inbox) == tree)
    }
}
