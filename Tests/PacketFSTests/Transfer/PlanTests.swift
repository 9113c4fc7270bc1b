import PacketFSBlob
import PacketFSChannel
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFS

/// What a transfer would cost is what it does cost.
@Suite struct PlanTests {
    private let pair: TestPair

    /// A transfer finds the second file where it learned the first.
    init() throws {
        pair = try TestPair()
        var random = SeededRandom(seed: 3)
        let bytes = random.bytes(Limits.leaf + 100_000)
        let file = Tree.Node.file(bytes, mode: 0o644, modified: 1_000_000_000)
        Tree(["first": file, "second": file]).write(to: pair.outbox)
    }

    private func plan(_ options: SendOptions = SendOptions()) throws -> PlanExplanation {
        try pair.left.plan([pair.outbox + "/"], for: PeerPath(peer: TestPair.peer, path: pair.inbox), options: options)
    }

    private func sent() throws -> UInt64 {
        var random = SeededRandom(seed: 5)
        var setup = SessionSetup()
        setup.padding = .none
        let session = try SimulatedSession(pair, setup, random: &random)
        try session.run()
        #expect(session.isComplete)
        return session.initiator.summary(now: session.clock.now).dataPlaneBytes
    }

    @Test func whatIsLearnedOnTheWayIsFound() throws {
        let planned = try plan()
        let sealed = planned.recordBytes + planned.overheadBytes
        #expect(planned.literalBytes < UInt64(Limits.leaf + 200_000))
        let sent = try sent()
        #expect(sealed > sent - 64 && sealed < sent + 64)
    }

    @Test func withoutLearningItIsNot() throws {
        var options = SendOptions()
        options.learns = false
        #expect(try plan(options).literalBytes > UInt64(2 * Limits.leaf))
    }

    /// What a transfer would end with, a plan says beforehand.
    @Test func offsetsAloneAreNotEnough() throws {
        var options = SendOptions()
        options.offsetOnly = true
        let error = #expect(throws: PacketFSError.self) { try plan(options) }
        #expect(error?.code == .missingBytes)
        #expect(error?.message.contains("\(2 * (Limits.leaf + 100_000)) bytes") == true)
        _ = try sent()
        #expect(throws: Never.self) { try plan(options) }
    }

    /// Nor are the addresses lost.
    @Test func nothingIsLeft() throws {
        let domain = try pair.left.domain(of: pair.left.record(named: TestPair.peer))
        try withExtendedLifetime(domain.openOwn()) { own in
            _ = try plan()
            #expect(own.index.addressCount == 0)
        }
        let log = try #require(pair.ownLog)
        #expect(try SparseFile(log).firstByte() == nil)
        _ = try sent()
        #expect(try SparseFile(log).firstByte { _ in true }.map { $0 < UInt64(Limits.leaf) } == true)
    }
}
