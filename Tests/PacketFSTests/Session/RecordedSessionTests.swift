import PacketFS
import PacketFSChannel
import PacketFSTestKit
import PacketFSWire
import Testing

/// Everything that can be done to a recorded session without its keys.
@Suite struct RecordedSessionTests {
    @Test func unchangedItIsTaken() throws {
        let recording = try Recording()
        let core = try recording.replay(recording.frames.flatMap(\.self))
        #expect(core.failure == nil)
        #expect(core.peerHasEnded)
        #expect(!recording.isUntouched)
    }

    /// Every bit of every frame towards the receiver.
    @Test func everyFlippedBitIsNoticed() throws {
        let recording = try Recording()
        let frames = recording.frames
        for index in frames.indices {
            let before = frames[..<index].flatMap(\.self)
            let after = frames[(index + 1)...].flatMap(\.self)
            for bit in 0..<frames[index].count * 8 {
                var frame = frames[index]
                frame[bit / 8] ^= 1 << UInt8(bit % 8)
                let core = try recording.replay(before + frame + after)
                #expect(!core.peerHasEnded)
                // A length that grew only waits for more.
                #expect(core.failure == nil || core.failure is ChannelError)
                #expect(core.failure != nil || bit < 16)
                // The last frame is the sealed end: all of the data came before it.
                if index < frames.count - 1 { #expect(recording.isUntouched) }
                if index > 0 { try recording.reset() }
            }
        }
    }

    @Test func framesInAnotherOrderAreRefused() throws {
        let recording = try Recording()
        for index in recording.frames.indices.dropLast() {
            var swapped = recording.frames
            swapped.swapAt(index, index + 1)
            try expectRefusal(of: swapped, from: index, in: recording)
            var lacking = recording.frames
            lacking.remove(at: index)
            try expectRefusal(of: lacking, from: index, in: recording)
            var doubled = recording.frames
            doubled.insert(recording.frames[index], at: index)
            try expectRefusal(of: doubled, from: index + 1, in: recording)
        }
    }

    @Test func aTruncatedSessionNeverEnds() throws {
        let recording = try Recording()
        for count in recording.frames.indices {
            let core = try recording.replay(recording.frames[..<count].flatMap(\.self))
            #expect(core.failure == nil)
            #expect(!core.peerHasEnded)
            if count < recording.frames.count - 1 { #expect(recording.isUntouched) }
            try recording.reset()
        }
    }

    /// Answers that were recorded with other keys of the same peer.
    @Test func aReplayedAnswerIsRefused() throws {
        let recording = try Recording()
        let credentials = try recording.pair.right.credentials(ofPeer: TestPair.peer)
        #expect(throws: ChannelError.handshakeFailed) { _ = try Self.call(credentials, recording.message2) }
    }

    /// A responder answers a recorded call, and takes nothing of what was recorded after it.
    @Test(arguments: [Verb.put, .get]) func aReplayedCallComesToNothing(verb: Verb) throws {
        let recording = try Recording(verb: verb)
        let home = verb == .put ? recording.pair.right : recording.pair.left
        var random = SeededRandom(seed: 13)
        let now = VirtualClock().now
        let response = try HandshakeResponder.respond(
            to: recording.message1, among: [home.credentials(ofPeer: TestPair.peer)], random: &random)
        let core = try home.answeringEnd(
            peer: TestPair.peer, over: response.takeSecrets().channel(now: now, padding: .none), gate: CrashGate(),
            now: now)
        let frames = recording.callFrames.flatMap(\.self)
        _ = core.received(frames.span.bytes, now: now)
        #expect(core.failure as? ChannelError == .notAuthentic)
        #expect(core.said(now: now).isEmpty)
        #expect(recording.isUntouched)
    }

    @Test func ourOwnCallIsNotAnswered() throws {
        let recording = try Recording()
        var random = SeededRandom(seed: 14)
        let ours = try recording.pair.right.credentials(ofPeer: TestPair.peer)
        #expect(throws: ChannelError.ownReflection) {
            _ = try Self.answer(recording.message1, [ours], &random)
        }
    }

    @Test func anotherSeedIsNotAnswered() throws {
        let recording = try Recording()
        let stranger = try TestPair()
        var random = SeededRandom(seed: 15)
        #expect(throws: ChannelError.unknownPeer) {
            _ = try Self.answer(
                recording.message1, [stranger.left.credentials(ofPeer: TestPair.peer)], &random)
        }
    }

    private func expectRefusal(of frames: [[UInt8]], from index: Int, in recording: Recording) throws {
        let core = try recording.replay(frames.flatMap(\.self))
        #expect(core.failure as? ChannelError == .notAuthentic)
        #expect(!core.peerHasEnded)
        if index < recording.frames.count - 1 { #expect(recording.isUntouched) }
        try recording.reset()
    }

    private static func call(_ credentials: PeerCredentials, _ message2: [UInt8]) throws -> CipherSuite {
        var random = SeededRandom(seed: 12)
        let call = try HandshakeInitiator(credentials: credentials, suite: .aes256gcm, random: &random)
        return try call.finish(message2).suite
    }

    private static func answer(
        _ message1: [UInt8], _ candidates: [PeerCredentials], _ random: inout SeededRandom
    ) throws -> Int {
        try HandshakeResponder.respond(to: message1, among: candidates, random: &random).message2.count
    }
}
