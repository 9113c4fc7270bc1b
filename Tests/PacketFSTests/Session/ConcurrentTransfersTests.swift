import PacketFS
import PacketFSTestKit
import Testing

/// Transfers of one peer to one destination, at the same time.
@Suite struct ConcurrentTransfersTests {
    private static let tree: Tree = {
        var random = SeededRandom(seed: 31)
        return Tree(["big": .file(random.bytes(12 << 20), mode: 0o600, modified: 1_600_000_000)])
    }()

    @Test(arguments: [Verb.put, .get]) func aRunningTransferIsNotTakenUp(verb: Verb) throws {
        let pair = try Self.pair()
        var random = SeededRandom(seed: 1)
        var setup = SessionSetup()
        setup.verb = verb
        let first = try halfway(pair, setup, &random)
        let mine = Tree.leftovers(at: pair.inbox)
        let second = try SimulatedSession(pair, setup, random: &random)
        try second.run()
        #expect(second.isComplete)
        #expect(Tree.leftovers(at: pair.inbox) == mine)
        try first.run()
        #expect(first.isComplete)
        #expect(Tree(at: pair.inbox) == Self.tree)
        #expect(Tree.leftovers(at: pair.inbox).isEmpty)
        #expect(try pair.left.status().unfinished.isEmpty && pair.right.status().unfinished.isEmpty)
    }

    @Test func anInterruptedTransferIsTakenUpOnce() throws {
        let pair = try Self.pair()
        var random = SeededRandom(seed: 2)
        try halfway(pair, SessionSetup(), &random).abandon()
        let first = try halfway(pair, SessionSetup(), &random)
        let second = try SimulatedSession(pair, SessionSetup(), random: &random)
        try second.run()
        #expect(second.isComplete)
        try first.run()
        #expect(first.isComplete)
        #expect(first.sent < Self.tree.bytes * 3 / 4)
        #expect(second.sent > Self.tree.bytes)
        #expect(Tree(at: pair.inbox) == Self.tree)
        #expect(Tree.leftovers(at: pair.inbox).isEmpty)
    }

    /// What was cut while another transfer was running is not worth taking up once that one is done.
    @Test func aCompletedTransferRemovesWhatOthersLeft() throws {
        let pair = try Self.pair()
        var random = SeededRandom(seed: 3)
        let cut = try halfway(pair, SessionSetup(), &random)
        let running = try halfway(pair, SessionSetup(), &random)
        cut.abandon()
        #expect(try pair.right.status().unfinished.count == 1)
        try running.run()
        #expect(running.isComplete)
        #expect(Tree.leftovers(at: pair.inbox).isEmpty)
        #expect(try pair.left.status().unfinished.isEmpty && pair.right.status().unfinished.isEmpty)
    }

    @Test func deletingSparesTheFilesOfARunningTransfer() throws {
        let pair = try Self.pair()
        var random = SeededRandom(seed: 4)
        let first = try halfway(pair, SessionSetup(), &random)
        let mine = Tree.leftovers(at: pair.inbox)
        Tree(["small": .file([1, 2, 3], mode: 0o600, modified: 1)]).write(to: pair.folder + "/other")
        var setup = SessionSetup()
        setup.sources = [pair.folder + "/other/"]
        setup.options.deletes = true
        let second = try SimulatedSession(pair, setup, random: &random)
        try second.run()
        #expect(second.isComplete)
        #expect(Tree.leftovers(at: pair.inbox) == mine)
        try first.run()
        #expect(first.isComplete)
        #expect(Tree(at: pair.inbox).nodes.keys.sorted() == ["big", "small"])
    }

    private static func pair() throws -> TestPair {
        let pair = try TestPair()
        tree.write(to: pair.outbox)
        return pair
    }

    /// A session that has begun to write, and has more to write.
    private func halfway(
        _ pair: TestPair, _ setup: SessionSetup, _ random: inout SeededRandom
    ) throws -> SimulatedSession {
        let before = Set(Tree.leftovers(at: pair.inbox))
        let session = try SimulatedSession(pair, setup, random: &random)
        while Set(Tree.leftovers(at: pair.inbox)).isSubset(of: before) { try #require(try session.sweep()) }
        return session
    }
}

extension SimulatedSession {
    /// The connection is lost.
    func abandon() {
        initiator.abandon()
        responder.abandon()
    }

    /// Bytes of the data plane.
    var sent: Int { Int(initiator.summary(now: clock.now).dataPlaneBytes) }
}

extension Tree {
    /// Bytes of all files.
    var bytes: Int {
        nodes.values.reduce(0) { if case .file(let bytes, _, _) = $1 { $0 + bytes.count } else { $0 } }
    }
}
