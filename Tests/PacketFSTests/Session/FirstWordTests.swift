import PacketFSChannel
import PacketFSPad
import PacketFSTestKit
import PacketFSWire
import Synchronization
import Testing

@testable import PacketFS

/// A caller proves who it is with its first frame, and nothing happens before it has.
@Suite struct FirstWordTests {
    private let now = VirtualClock().now

    /// Scanning may take longer than a responder waits for a stranger.
    @Test func whoCallsSpeaksBeforeItLooksAtItsSources() throws {
        let pair = try TestPair()
        var link = SimulatedLink()
        var random = SeededRandom(seed: 3)
        let caller = try channels(pair, &link, &random).take { ours, _ in
            try pair.left.sendingEnd(
                [pair.outbox + "/missing"], to: PeerPath(peer: TestPair.peer, path: pair.inbox), options: SendOptions(),
                over: ours, gate: CrashGate(), now: now)
        }
        #expect(!caller.said(now: now).isEmpty && caller.failure == nil && caller.wantsToWork)
        #expect(!caller.said(now: now).isEmpty && caller.failure != nil, "it is told that there is nothing")
    }

    /// A session that is one too many, or under a seed that was revoked meanwhile, opens no pad.
    @Test func nothingIsDoneForWhoIsRefused() throws {
        let pair = try TestPair()
        let calls = Atomic(0)
        let sides = Atomic(0)
        let request = Request(sources: ["x"], options: TransferOptions(), destination: "")
        for message in [.alive, .cover(.streamCipher), .request(request)] as [ControlMessage] {
            let impostor = try Impostor(
                pair,
                proved: {
                    calls.add(1, ordering: .relaxed)
                    throw AbortReason.busy
                },
                dispatch: { _, _ in
                    sides.add(1, ordering: .relaxed)
                    throw AbortReason.malformed
                })
            try impostor.say(message)
            #expect(impostor.victim.failure as? AbortReason == .busy)
            #expect(try impostor.heard() == [.abort(.busy)])
        }
        #expect(calls.load(ordering: .relaxed) == 3 && sides.load(ordering: .relaxed) == 0)
    }

    @Test func whatProvesItIsAskedOnce() throws {
        let calls = Atomic(0)
        let impostor = try Impostor(TestPair(), proved: { calls.add(1, ordering: .relaxed) })
        for _ in 0..<3 { try impostor.say(.alive) }
        #expect(impostor.victim.failure == nil && calls.load(ordering: .relaxed) == 1)
    }

    private func channels(
        _ pair: TestPair, _ link: inout SimulatedLink, _ random: inout SeededRandom
    ) throws -> SimulatedHandshake.Channels {
        try SimulatedHandshake.run(
            pair.left.credentials(ofPeer: TestPair.peer), pair.right.credentials(ofPeer: TestPair.peer),
            suite: .aes256gcm, padding: .none, now: now, over: &link, random: &random)
    }
}
