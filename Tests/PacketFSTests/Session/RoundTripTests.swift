import PacketFS
import PacketFSChannel
import PacketFSTestKit
import Testing

/// How often the ends of a transfer wait for each other, beside the handshake.
@Suite struct RoundTripTests {
    private static let tree = Tree([
        "file": .file(Array("what is sent".utf8), mode: 0o644, modified: 1_000_000_000)
    ])

    /// What an end has to say, until it needs to hear more.
    private func said(by end: SessionCore, _ clock: VirtualClock) -> [UInt8] {
        var said: [UInt8] = []
        repeat { said += end.said(now: clock.now) } while end.wantsToWork
        return said + end.said(now: clock.now)
    }

    @Test(arguments: [Padding.none, .padme])
    func aTransferTakesOne(_ padding: Padding) throws {
        let pair = try TestPair()
        Self.tree.write(to: pair.outbox)
        var setup = SessionSetup()
        setup.padding = padding
        var random = SeededRandom(seed: 5)
        let session = try SimulatedSession(pair, setup, random: &random)
        let (ours, theirs) = (session.initiator, session.responder)
        _ = theirs.received(said(by: ours, session.clock).span.bytes, now: session.clock.now)
        _ = ours.received(said(by: theirs, session.clock).span.bytes, now: session.clock.now)
        let last = said(by: ours, session.clock)
        #expect(session.isComplete)
        #expect(Tree(at: pair.inbox) == Self.tree)
        _ = theirs.received(last.span.bytes, now: session.clock.now)
        #expect(theirs.peerHasEnded && theirs.hasEnded)
        try theirs.rethrow()
    }
}
