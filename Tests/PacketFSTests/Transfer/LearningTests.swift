import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFS

/// What both ends keep of a transfer.
@Suite struct LearningTests {
    private let pair: TestPair
    private var random = SeededRandom(seed: 9)
    private var tree = Tree()

    init() throws {
        pair = try TestPair()
    }

    private mutating func send(_ bytes: [UInt8]) throws -> TransferSummary {
        let next = Tree(["file": .file(bytes, mode: 0o644, modified: 1_000_000_000)])
        next.write(to: pair.outbox, over: tree)
        tree = next
        let session = try SimulatedSession(pair, SessionSetup(), random: &random)
        try session.run()
        #expect(session.isComplete)
        return session.initiator.summary(now: session.clock.now)
    }

    /// A leaf that is kept as a whole, and one that has something new of it, beside what is new itself.
    @Test mutating func whatWasKeptAsAWholeServesTheNextLeaf() throws {
        let parts = (0..<62).map { _ in random.text(64 << 10) }
        let block = random.text(20_000)
        _ = try send(parts.flatMap(\.self))
        _ = try send(parts.flatMap(\.self) + random.text(300_000))
        var bytes = parts.reversed().joined() + block
        bytes += random.text(Limits.leaf - bytes.count)
        let summary = try send(bytes + random.text(2000) + block + random.text(2000))
        #expect(summary.leavesRepaired == 0)
        #expect(summary.bytesLearned > UInt64(Limits.leaf))
    }
}
