import Glibc
import PacketFS
import PacketFSTestKit
import PacketFSWire
import Testing

@Suite struct ResumeTests {
    static let size = 12 << 20
    /// A leaf of random bytes on the wire, and what the records around the leaves may take.
    private static let leafOnWire = Limits.leaf + Limits.leaf / 2000
    private static let overhead = 256 << 10

    @Test(arguments: [0.02, 0.2, 0.36, 0.5, 0.7, 0.98], [Verb.put])
    func whatWasVerifiedIsNotSentAgain(fraction: Double, verb: Verb) throws {
        try check(Self.oneFile, cutAfter: Int(fraction * Double(Self.size)), verb)
    }

    @Test func aFetchIsTakenUp() throws {
        try check(Self.oneFile, cutAfter: Self.size * 7 / 10, .get)
    }

    @Test func committedFilesAreNotSentAgain() throws {
        var random = SeededRandom(seed: 5)
        let files = (0..<60).map { index in
            ("file \(index)", Tree.Node.file(random.bytes(Self.size / 60), mode: 0o644, modified: 1_600_000_000))
        }
        try check(Tree(Dictionary(uniqueKeysWithValues: files)), cutAfter: Self.size * 8 / 10, .put)
    }

    /// Also where the sender may not read: what it has committed is remembered, and nothing else is taken for that. A full
    /// batch is committed with the leaf behind it.
    @Test func batchesThatWereCommittedAreNotSentAgain() throws {
        var random = SeededRandom(seed: 6)
        var nodes = Dictionary(
            uniqueKeysWithValues: (0..<4100).map { index in
                ("\(1000 + index)", Tree.Node.file(random.bytes(512), mode: 0o644, modified: 1_600_000_000))
            })
        nodes["z"] = .file(random.bytes(10 << 20), mode: 0o644, modified: 1_600_000_000)
        let (pair, tree) = (try TestPair(), Tree(nodes))
        tree.write(to: pair.outbox)
        var setup = SessionSetup()
        setup.faults.cut = (.toResponder, 10 << 20)
        try SimulatedSession(pair, setup, random: &random).run()
        #expect(Tree(at: pair.inbox).nodes.count == 4100)
        try pair.reopen()
        setup.faults.cut = nil
        let again = try SimulatedSession(pair, setup, random: &random)
        try again.run()
        #expect(again.isComplete)
        let sent = Int(again.initiator.summary(now: again.clock.now).dataPlaneBytes)
        #expect(sent < (12 << 20) - 2 * Limits.leaf + (512 << 10))
        #expect(Tree(at: pair.inbox) == tree)
    }

    /// The receiver crashes while it takes over what a cut transfer left; the third one finds all of it.
    @Test(arguments: [4, 9, 20]) func aTakeOverThatIsCutShortLosesNothing(writes: Int) throws {
        let pair = try TestPair()
        var random = SeededRandom(seed: UInt64(writes))
        let files = (0..<60).map { index in
            ("file \(index)", Tree.Node.file(random.bytes(Self.size / 60), mode: 0o644, modified: 1_600_000_000))
        }
        let tree = Tree(Dictionary(uniqueKeysWithValues: files))
        tree.write(to: pair.outbox)
        var setup = SessionSetup()
        setup.faults.cut = (.toResponder, Self.size * 8 / 10)
        try SimulatedSession(pair, setup, random: &random).run()
        let left = Tree.leftovers(at: pair.inbox).count
        try pair.reopen()
        setup.faults.cut = nil
        setup.responderGate = CrashGate(after: writes)
        let crashed = try SimulatedSession(pair, setup, random: &random)
        try crashed.run()
        #expect(crashed.hasCrashed && left > 30 && Tree.leftovers(at: pair.inbox).count == left)
        try pair.reopen()
        setup.responderGate = CrashGate()
        let again = try SimulatedSession(pair, setup, random: &random)
        try again.run()
        #expect(again.isComplete)
        let sent = Int(again.initiator.summary(now: again.clock.now).dataPlaneBytes)
        #expect(sent < Self.size - (left - 1) * Self.size / 60 + Self.overhead)
        #expect(Tree(at: pair.inbox) == tree && Tree.leftovers(at: pair.inbox).isEmpty)
        #expect(try pair.right.status().unfinished.isEmpty)
    }

    @Test func aFileUnderANewNameIsTakenUp() throws {
        let pair = try TestPair()
        Self.oneFile.write(to: pair.outbox)
        var setup = SessionSetup()
        setup.sources = [pair.outbox + "/big"]
        setup.destination = pair.inbox + "/renamed"
        let sent = try interrupt(pair, setup, after: Self.size * 7 / 10)
        #expect(sent < Self.size - 2 * Limits.leaf * 9 / 10 + Self.overhead)
        #expect(Tree(at: pair.inbox).nodes["renamed"] == Self.oneFile.nodes["big"])
    }

    /// The receiver has committed everything, and its sender does not know.
    @Test(arguments: [true, false]) func aLostReceiptIsNoReasonToSendAgain(learns: Bool) throws {
        let pair = try TestPair()
        Self.oneFile.write(to: pair.outbox)
        // What changed within a tick of the scan's clock is not believed.
        usleep(60_000)
        var random = SeededRandom(seed: 7)
        var setup = SessionSetup()
        setup.options.learns = learns
        let other = try TestPair()
        Self.oneFile.write(to: other.outbox)
        let whole = try SimulatedSession(other, setup, random: &random)
        try whole.run()
        setup.faults.cut = (.toInitiator, whole.link.passed(.toInitiator) - 40)
        let cut = try SimulatedSession(pair, setup, random: &random)
        try cut.run()
        #expect(!cut.isComplete)
        #expect(Tree(at: pair.inbox) == Self.oneFile)
        try pair.reopen()
        setup.faults.cut = nil
        let again = try SimulatedSession(pair, setup, random: &random)
        try again.run()
        #expect(again.isComplete)
        #expect(again.initiator.summary(now: again.clock.now).dataPlaneBytes < Self.overhead)
        #expect(Tree(at: pair.inbox) == Self.oneFile)
        guard learns else { return }
        let held = try pair.left.extents().filter { $0.state == "acknowledged" }
        #expect(held.reduce(0) { $0 + $1.length } >= Self.size)
    }

    /// What a transfer left that a fetch does not take up: a folder with it in may have to give way.
    @Test func whatOthersLeftKeepsNoFolder() throws {
        var left = 0
        for writes in 2..<20 {
            let pair = try TestPair()
            let folder: Tree.Node = .folder(mode: 0o755)
            let old = Tree(["place": folder, "place/a": .file([1], mode: 0o644, modified: 1), "b": folder])
            let between = Tree(["place": folder, "place/a": .file([2, 2], mode: 0o644, modified: 2), "b": folder])
            let new = Tree(["place": .file([3], mode: 0o644, modified: 3), "b": folder])
            var random = SeededRandom(seed: UInt64(writes))
            var setup = SessionSetup()
            setup.options.deletes = true
            old.write(to: pair.outbox)
            try SimulatedSession(pair, setup, random: &random).run()
            between.write(to: pair.outbox, over: old)
            setup.responderGate = CrashGate(after: writes)
            try SimulatedSession(pair, setup, random: &random).run()
            left += Tree.leftovers(at: pair.inbox).isEmpty ? 0 : 1
            try pair.reopen()
            new.write(to: pair.outbox, over: between)
            setup.responderGate = CrashGate()
            setup.verb = .get
            let session = try SimulatedSession(pair, setup, random: &random)
            try session.run()
            #expect(session.isComplete && session.initiator.summary(now: session.clock.now).warnings.isEmpty)
            #expect(Tree(at: pair.inbox) == new && Tree.leftovers(at: pair.inbox).isEmpty)
        }
        #expect(left > 0)
    }

    /// A receiver that crashes late in the transfer, at any of its writes, takes it up.
    @Test(arguments: [3, 4, 5, 6, 8, 10]) func aCrashedReceiverTakesUp(writes: Int) throws {
        let pair = try TestPair()
        Self.oneFile.write(to: pair.outbox)
        var random = SeededRandom(seed: UInt64(writes))
        var setup = SessionSetup()
        setup.responderGate = CrashGate(after: writes)
        let crashed = try SimulatedSession(pair, setup, random: &random)
        try crashed.run()
        #expect(crashed.hasCrashed)
        try pair.reopen()
        let again = try SimulatedSession(pair, SessionSetup(), random: &random)
        try again.run()
        #expect(again.isComplete)
        #expect(Tree(at: pair.inbox) == Self.oneFile)
        #expect(Tree.leftovers(at: pair.inbox).isEmpty)
    }

    private static let oneFile: Tree = {
        var random = SeededRandom(seed: 1)
        return Tree(["big": .file(random.bytes(size), mode: 0o600, modified: 1_600_000_000_000_000_007)])
    }()

    private func check(_ tree: Tree, cutAfter position: Int, _ verb: Verb) throws {
        let pair = try TestPair()
        tree.write(to: pair.outbox)
        var setup = SessionSetup()
        setup.verb = verb
        let sent = try interrupt(pair, setup, after: position)
        let verified = (position - 8192) / Self.leafOnWire * Limits.leaf
        #expect(sent <= Self.size - verified * 9 / 10 + Self.overhead)
        #expect(Tree(at: pair.inbox) == tree)
        #expect(Tree.leftovers(at: pair.inbox).isEmpty)
    }

    /// Cuts a session and runs another; returns the bytes of the second one's data plane.
    private func interrupt(_ pair: TestPair, _ setup: SessionSetup, after position: Int) throws -> Int {
        var random = SeededRandom(seed: UInt64(position))
        var first = setup
        first.faults.cut = (setup.verb == .put ? .toResponder : .toInitiator, position)
        let cut = try SimulatedSession(pair, first, random: &random)
        try cut.run()
        #expect(!cut.isComplete)
        #expect(Tree(at: pair.inbox).nodes.values.allSatisfy { pair.isIntact($0) })
        try pair.reopen()
        let again = try SimulatedSession(pair, setup, random: &random)
        try again.run()
        #expect(again.isComplete)
        return Int(again.initiator.summary(now: again.clock.now).dataPlaneBytes)
    }
}

extension TestPair {
    /// Whether some file of the outbox is this one.
    func isIntact(_ node: Tree.Node) -> Bool {
        Tree(at: outbox).nodes.values.contains(node)
    }
}
