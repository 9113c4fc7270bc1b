import PacketFSWire
import Testing

@testable import PacketFSChannel

@Suite("Epochs and endings")
struct EpochTests {
    private func limits(_ change: (inout ChannelLimits) -> Void) -> ChannelLimits {
        var limits = ChannelLimits()
        change(&limits)
        return limits
    }

    @Test(arguments: CipherSuite.allCases, [UInt64(1), 4, 8])
    func `keys change after so many frames, in each direction on its own`(suite: CipherSuite, frames: UInt64) throws {
        var session = try Session(suite, limits: limits { $0.frames = frames })
        for index in 0..<50 {
            let payload = [UInt8(index)]
            #expect(try session.responder.open(session.initiator.sealed(.data, payload)).map(\.payload) == [payload])
            if index % 3 == 0 {
                #expect(
                    try session.initiator.open(session.responder.sealed(.repair, type: 2, payload)).map(\.payload)
                        == [payload])
            }
        }
        let epochs = [
            session.initiator.sealer.epoch, session.responder.opener.epoch, session.responder.sealer.epoch,
            session.initiator.opener.epoch,
        ]
        #expect(epochs == [UInt32(50 / frames), UInt32(50 / frames), UInt32(17 / frames), UInt32(17 / frames)])
    }

    @Test
    func `the frame that fills an epoch is its last, and the next is of the next`() throws {
        var session = try Session(limits: limits { $0.frames = 4 })
        var epochs: [UInt32] = []
        for _ in 0..<9 {
            _ = try session.initiator.sealed(.data, [1])
            epochs.append(session.initiator.sealer.epoch)
        }
        #expect(epochs == [0, 0, 0, 1, 1, 1, 1, 2, 2])
    }

    @Test
    func `frames of two epochs differ though they say the same under the same sequence number`() throws {
        var early = try Session(limits: limits { $0.frames = 1 })
        var late = try Session(limits: limits { $0.frames = 2 })
        #expect(try early.initiator.sealed(.data, [1]).dropFirst(2) != late.initiator.sealed(.data, [1]).dropFirst(2))
        let renewed = try early.initiator.sealed(.data, [1])
        #expect(throws: ChannelError.notAuthentic) {
            _ = try late.responder.open(late.initiator.sealed(.data, [9]))
            _ = try late.responder.open(renewed)
        }
    }

    @Test
    func `keys change after so many bytes`() throws {
        var session = try Session(limits: limits { $0.bytes = 100 })
        for _ in 0..<20 {
            #expect(try session.responder.open(session.initiator.sealed(.data, [1, 2])).count == 1)
        }
        // Frames of 25 bytes: four fill an epoch.
        let epochs = [session.initiator.sealer.epoch, session.responder.opener.epoch]
        #expect(epochs == [5, 5])
    }

    @Test
    func `keys change with the first frame after 120 seconds`() throws {
        var session = try Session()
        var epochs: [UInt32] = []
        for seconds in [0.0, 119.9, 120, 130, 239, 240, 241] {
            #expect(
                try session.responder.open(session.initiator.sealed(.data, [1], at: seconds), at: seconds).count == 1)
            epochs.append(session.responder.opener.epoch)
        }
        #expect(epochs == [0, 0, 1, 1, 1, 2, 2])
    }

    @Test
    func `a sender that goes on beyond an epoch is refused`() throws {
        var generous = try Session(limits: limits { $0.frames = 8 })
        var strict = try Session(limits: limits { $0.frames = 4 })
        for _ in 0..<4 {
            #expect(try strict.responder.open(generous.initiator.sealed(.data, [1])).count == 1)
        }
        #expect(throws: ChannelError.rekeyOverdue) { try strict.responder.open(generous.initiator.sealed(.data, [1])) }
    }

    @Test
    func `no frame has a sequence number beyond the last`() throws {
        var session = try Session(limits: limits { $0.sequences = 3 })
        for _ in 0..<3 {
            #expect(try session.responder.open(session.initiator.sealed(.data, [1])).count == 1)
        }
        #expect(throws: ChannelError.sequenceExhausted) { try session.initiator.sealed(.data, [1]) }
        #expect(throws: ChannelError.sequenceExhausted) { try session.initiator.sealed(.data, [1]) }

        var generous = try Session(limits: limits { $0.sequences = 4 })
        var strict = try Session(limits: limits { $0.sequences = 3 })
        for _ in 0..<3 {
            #expect(try strict.responder.open(generous.initiator.sealed(.data, [1])).count == 1)
        }
        #expect(throws: ChannelError.sequenceExhausted) {
            try strict.responder.open(generous.initiator.sealed(.data, [1]))
        }
    }

    @Test
    func `silence closes a channel, also against what comes later`() throws {
        var session = try Session()
        let late = try session.initiator.sealed(.data, [1])
        try session.responder.opener.check(now: Instant(nanoseconds: 0).adding(seconds: 179.9))
        #expect(throws: ChannelError.silence) {
            try session.responder.opener.check(now: Instant(nanoseconds: 0).adding(seconds: 180))
        }
        #expect(throws: ChannelError.closed) { try session.responder.open(late, at: 180) }
    }

    @Test
    func `authentic frames break the silence, pad frames too, other bytes do not`() throws {
        var session = try Session(padding: .padme)
        #expect(
            try session.responder.open(session.initiator.sealed(.control, type: 1, [1], at: 100), at: 100).count == 1)
        var padding: [UInt8] = []
        try session.initiator.sealer.seal(
            plane: 3, type: 0, payload: .init(start: nil, count: 0), length: 23,
            now: Instant(nanoseconds: 0).adding(seconds: 250), into: &padding)
        #expect(try session.responder.open(padding, at: 250).isEmpty)
        #expect(try session.responder.open([0], at: 429).isEmpty)
        #expect(throws: ChannelError.silence) {
            try session.responder.opener.check(now: Instant(nanoseconds: 0).adding(seconds: 430))
        }
    }

    /// An end that was busy finds them late, and they are none the less.
    @Test
    func `frames that had to wait break the silence, too`() throws {
        var session = try Session()
        let waiting = try session.initiator.sealed(.data, [1], at: 100)
        #expect(try session.responder.open(waiting, at: 500).count == 1)
        try session.responder.opener.check(now: Instant(nanoseconds: 0).adding(seconds: 500))
    }

    @Test
    func `a session ends after two hours, for its initiator a minute earlier`() throws {
        var session = try Session(limits: limits { $0.silence = 100_000 })
        #expect(try session.responder.open(session.initiator.sealed(.data, [1], at: 7139), at: 7199).count == 1)
        #expect(try session.initiator.open(session.responder.sealed(.data, [1], at: 7199), at: 7139).count == 1)
        #expect(throws: ChannelError.sessionExpired) { try session.initiator.sealed(.data, [1], at: 7140) }
        #expect(throws: ChannelError.closed) { try session.initiator.sealed(.data, [1], at: 7141) }
        #expect(throws: ChannelError.sessionExpired) { try session.initiator.open([], at: 7140) }
        #expect(throws: ChannelError.sessionExpired) { try session.responder.sealed(.data, [1], at: 7200) }
        #expect(throws: ChannelError.sessionExpired) { try session.responder.open([], at: 7200) }
    }

    @Test
    func `a clock that goes back neither ends a session nor an epoch`() throws {
        let pair = try Session(limits: limits { $0.frames = 100 })
        var session = pair
        for seconds in [50.0, 10, 0] {
            #expect(
                try session.responder.open(session.initiator.sealed(.data, [1], at: seconds), at: seconds).count == 1)
        }
        let epoch = session.responder.opener.epoch
        #expect(epoch == 0)
    }
}
