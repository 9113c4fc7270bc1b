import NIOCore
import PacketFSChannel
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFS

@Suite struct SealedLinkTests {
    private static func link(_ channel: consuming SealedChannel, now: Instant) throws -> SealedLink {
        try OpenedChannel(channel: channel, sent: 0, received: 0, started: now).takeLink(now: now).1
    }

    /// It is not looked at, because too much of ours waits to be taken: that nobody does is another matter.
    @Test func whatWaitsToBeLookedAtIsNoSilence() throws {
        var (clock, random, wire) = (VirtualClock(), SeededRandom(seed: 1), SimulatedLink())
        let pair = try TestPair()
        var made: SealedLink?
        var theirs = try SimulatedHandshake.run(
            pair.left.credentials(ofPeer: TestPair.peer), pair.right.credentials(ofPeer: TestPair.peer),
            suite: .aes256gcm, padding: .none, now: clock.now, over: &wire, random: &random
        ).keepResponder { made = try Self.link($0, now: clock.now) }
        let link = try #require(made)
        let piece = ControlMessage.piece([UInt8](repeating: 1, count: Limits.payload))
        while link.backlog < SealedLink.mostWaiting { try link.send(piece, now: clock.now) }
        var word: [UInt8] = []
        for (type, payload) in try ControlMessage.alive.encode() {
            try theirs.sealer.seal(
                Frame(plane: .control, type: type, payload: payload), now: clock.now, into: &word)
        }
        try word.withUnsafeBytes { bytes in
            var rest = bytes
            for taken in [0, word.count] {
                clock.advance(seconds: 200)
                try link.receive(&rest, now: clock.now, while: { true }, { _ in })
                #expect(rest.count == word.count - taken)
                try link.tick(now: clock.now)
                _ = link.takeOutput()
            }
        }
        clock.advance(seconds: 200)
        #expect(throws: ChannelError.silence) { try link.tick(now: clock.now) }
    }

    /// A frame of many records may be a long day's work: others have their turns between, and say meanwhile that we live.
    @Test func whatWaitsToBeActedUponIsNoSilenceEither() throws {
        var (clock, random, wire) = (VirtualClock(), SeededRandom(seed: 1), SimulatedLink())
        let pair = try TestPair()
        var made: SealedLink?
        var theirs = try SimulatedHandshake.run(
            pair.left.credentials(ofPeer: TestPair.peer), pair.right.credentials(ofPeer: TestPair.peer),
            suite: .aes256gcm, padding: .none, now: clock.now, over: &wire, random: &random
        ).keepResponder { made = try Self.link($0, now: clock.now) }
        let link = try #require(made)
        var frame: [UInt8] = []
        let records = try (0..<100).flatMap { try DataRecord.more(content: $0).encode() }
        try theirs.sealer.seal(Frame(plane: .data, type: 0, payload: records), now: clock.now, into: &frame)
        var contents: [UInt64] = []
        func receive(_ bytes: [UInt8]) throws {
            let before = contents.count
            try bytes.withUnsafeBytes { bytes in
                var rest = bytes
                try link.receive(&rest, now: clock.now, while: { contents.count == before }) {
                    if case .record(.more(let content)) = $0 { contents.append(content) }
                }
                #expect(rest.isEmpty)
            }
        }
        try receive(frame)
        while link.isBehind, contents.count < 30 {
            clock.advance(seconds: 179)
            try link.tick(now: clock.now)
            #expect(link.takeOutput().readableBytes > 0)
            try receive([])
        }
        #expect(contents == Array(0..<30))
        clock.advance(seconds: 7200 - 29 * 179)
        #expect(throws: ChannelError.sessionExpired) { try link.tick(now: clock.now) }
    }

    /// Nothing but padding is said behind the end, however long that takes, and no more of it than waits at a time.
    @Test func paddingIsSealedAFewMebibytesAtATime() throws {
        var (clock, random, wire) = (VirtualClock(), SeededRandom(seed: 1), SimulatedLink())
        let pair = try TestPair()
        var channel = try SimulatedHandshake.run(
            pair.left.credentials(ofPeer: TestPair.peer), pair.right.credentials(ofPeer: TestPair.peer),
            suite: .aes256gcm, padding: .padme, now: clock.now, over: &wire, random: &random
        ).keepInitiator { _ in }
        let payload = [UInt8](repeating: 1, count: Limits.payload)
        var sealed = ByteBuffer()
        // A little more than 256 MiB, and then by as much as it takes to the next size less than 8 MiB.
        for _ in 0..<4100 {
            sealed.clear()
            try channel.sealer.seal(
                Frame(plane: .repair, type: 1, payload: payload), now: clock.now, into: &sealed)
        }
        let before = channel.sealer.total
        let link = try Self.link(channel, now: clock.now)
        var total = before
        var rounds = 0
        while !link.hasEnded {
            try link.end(now: clock.now)
            clock.advance(seconds: 40)
            try link.tick(now: clock.now)
            let output = link.takeOutput().readableBytes
            #expect(output <= SealedLink.room + 2 * Limits.frame)
            total += UInt64(output)
            rounds += 1
        }
        #expect(rounds == 2 && total == Padding.padme(before))
    }
}
