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
        _ = try pair.right.updatePeer(TestPair.peer, grants: [Grant(root: pair.inbox, verbs: verbs)])
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
}
