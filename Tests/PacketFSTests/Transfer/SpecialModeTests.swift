import Glibc
import PacketFS
import PacketFSTestKit
import PacketFSWire
import Testing

/// Set-user-id bits and owners, which a peer may choose only where its entry says so.
@Suite struct SpecialModeTests {
    private static let owner: uid_t = 12_345

    @Test(arguments: [(false, false), (false, true), (true, false), (true, true)])
    func specialBitsAndOwnersTakeAGrant(isGranted: Bool, isAskedFor: Bool) throws {
        let pair = try TestPair()
        let verbs: Set<Grant.Verb> = isGranted ? [.put, .special] : [.put]
        _ = try pair.right.updatePeer(TestPair.peer, grants: { _ in [Grant(root: pair.inbox, verbs: verbs)] })
        let source = pair.outbox + "/tool"
        Tree(["tool": .file([1], mode: 0o755, modified: 0), "plain": .file([2], mode: 0o755, modified: 0)])
            .write(to: pair.outbox)
        let isRoot = geteuid() == 0
        if isRoot { try #require(chown(source, Self.owner, Self.owner) == 0) }
        try #require(chmod(source, 0o6755) == 0)
        var setup = SessionSetup()
        setup.options.keepsSpecialModes = isAskedFor
        var random = SeededRandom(seed: 1)
        let session = try SimulatedSession(pair, setup, random: &random)
        try session.run()
        #expect(session.isComplete)
        var status = stat()
        try #require(lstat(pair.inbox + "/tool", &status) == 0)
        #expect(status.st_mode & 0o7777 == (isGranted && isAskedFor ? 0o6755 : 0o755))
        #expect(status.st_uid == (isGranted && isRoot ? Self.owner : geteuid()))
        let warnings = session.initiator.summary(now: session.clock.now).warnings
        #expect(warnings.map(\.path) == (isAskedFor && !isGranted ? ["tool"] : []))
    }
}
