import PacketFSWire
import Testing

@testable import PacketFSChannel

@Suite("Frames")
struct FrameTests {
    private static let start = Instant(nanoseconds: 0)

    /// A frame that the format may forbid, sealed by the initiator under the right keys.
    private func forged(
        _ session: inout Session, plane: UInt8, type: UInt8 = 0, flags: UInt8 = 0, payload: [UInt8] = [],
        length: Int? = nil
    ) throws -> [UInt8] {
        var output: [UInt8] = []
        let length = length ?? FrameLayout.overhead + payload.count
        try payload.withUnsafeBytes {
            try session.initiator.sealer.seal(
                plane: plane, type: type, flags: flags, payload: $0, length: length, now: Self.start, into: &output)
        }
        return output
    }

    @Test(arguments: CipherSuite.allCases)
    func `payloads of every kind of size come out as they went in`(suite: CipherSuite) throws {
        var session = try Session(suite)
        for count in [0, 1, 15, 16, 17, 4095, 4096, Limits.payload - 1, Limits.payload] {
            let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let sealed = try session.initiator.sealed(.data, payload)
            #expect(sealed.count == 23 + count)
            #expect(Int(sealed[0]) << 8 | Int(sealed[1]) == sealed.count - 2)
            #expect(try session.responder.open(sealed) == [Frame(plane: .data, type: 0, payload: payload)])
        }
    }

    @Test
    func `a payload above the bound is refused, and the channel goes on`() throws {
        var session = try Session()
        #expect(throws: ChannelError.payloadTooLarge) {
            try session.initiator.sealed(.data, [UInt8](repeating: 0, count: Limits.payload + 1))
        }
        #expect(try session.responder.open(session.initiator.sealed(.data, [1])).count == 1)
    }

    @Test(arguments: [1, 2, 3, 22, 1000])
    func `frames pass however reads are split or joined`(chunk: Int) throws {
        var session = try Session()
        var stream: [UInt8] = []
        for index in 0..<20 {
            stream += try session.initiator.sealed(
                .control, type: 5, [UInt8](repeating: UInt8(index), count: index * 7))
        }
        var frames: [Frame] = []
        for start in stride(from: 0, to: stream.count, by: chunk) {
            frames += try session.responder.open(Array(stream[start..<min(start + chunk, stream.count)]))
        }
        #expect(frames.map(\.payload.count) == (0..<20).map { $0 * 7 })
        let pending = session.responder.opener.pending
        #expect(pending == 0)
    }

    @Test
    func `frames are shown in place, one after another`() throws {
        var session = try Session()
        let stream = try session.initiator.sealed(.data, [1, 2]) + session.initiator.sealed(.data, [3])
        try stream.withUnsafeBytes { stream in
            var rest = stream
            for (start, payload): (Int, [UInt8]) in [(7, [1, 2]), (7 + 2 + 16 + 7, [3])] {
                let shown: Void? = try session.responder.opener.next(of: &rest, now: Self.start) { frame in
                    #expect(Array(frame.payload) == payload)
                }
                #expect(shown != nil && rest.count == stream.count - start - payload.count - 16)
            }
            #expect(try session.responder.opener.next(of: &rest, now: Self.start) { _ in } == nil)
        }
    }

    @Test
    func `a cut frame gives nothing, and what is missing shows`() throws {
        var session = try Session()
        let sealed = try session.initiator.sealed(.control, type: 1, [1, 2, 3])
        for count in 0..<sealed.count {
            #expect(try session.responder.open([]).isEmpty)
            let pending = session.responder.opener.pending
            #expect(pending == count)
            let frames = try session.responder.open([sealed[count]])
            #expect(frames.isEmpty == (count < sealed.count - 1))
        }
    }

    @Test(arguments: [0, 1, 20, 65_519, 65_535])
    func `a length out of bounds is refused as soon as it is read`(length: Int) throws {
        var session = try Session()
        #expect(throws: ChannelError.frameLength) {
            try session.responder.open([UInt8(length >> 8), UInt8(length & 0xff)])
        }
        #expect(throws: ChannelError.closed) { try session.responder.open([]) }
    }

    @Test(arguments: CipherSuite.allCases)
    func `every flipped bit is detected, and nothing comes out`(suite: CipherSuite) throws {
        var session = try Session(suite)
        let sealed = try session.initiator.sealed(.control, type: 7, [UInt8](repeating: 0xa5, count: 20))
        for bit in 0..<sealed.count * 8 {
            var fresh = try Session(suite)
            var changed = sealed
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            var frames: [Frame] = []
            do {
                // Bytes enough for any length that the flip makes of the clear one.
                frames = try fresh.responder.open(changed + [UInt8](repeating: 0, count: 65_536))
                Issue.record("bit \(bit) passed")
            } catch let error as ChannelError {
                #expect(error == .notAuthentic || error == .frameLength)
            }
            #expect(frames.isEmpty)
        }
        #expect(try session.responder.open(sealed).count == 1)
    }

    @Test
    func `a replayed frame is refused, and the channel stays closed`() throws {
        var session = try Session()
        let first = try session.initiator.sealed(.control, type: 1, [1])
        #expect(try session.responder.open(first).count == 1)
        #expect(throws: ChannelError.notAuthentic) { try session.responder.open(first) }
        let second = try session.initiator.sealed(.control, type: 1, [2])
        #expect(throws: ChannelError.closed) { try session.responder.open(second) }
    }

    @Test
    func `reordered and missing frames are refused`() throws {
        var session = try Session()
        let frames = try (0..<3).map { try session.initiator.sealed(.data, [UInt8($0)]) }
        #expect(try session.responder.open(frames[0]).count == 1)
        #expect(throws: ChannelError.notAuthentic) { try session.responder.open(frames[2] + frames[1]) }
        var other = try Session()
        let more = try (0..<2).map { try other.initiator.sealed(.data, [UInt8($0)]) }
        #expect(throws: ChannelError.notAuthentic) { try other.responder.open(more[1]) }
    }

    @Test(arguments: CipherSuite.allCases)
    func `a reflected frame is refused`(suite: CipherSuite) throws {
        var session = try Session(suite)
        let own = try session.initiator.sealed(.control, type: 1, [1])
        #expect(throws: ChannelError.notAuthentic) { try session.initiator.open(own) }
    }

    @Test(arguments: CipherSuite.allCases)
    func `a frame of another session is refused`(suite: CipherSuite) throws {
        var session = try Session(suite, seed: 1)
        var other = try Session(suite, seed: 99)
        let recorded = try session.initiator.sealed(.control, type: 1, [1])
        #expect(throws: ChannelError.notAuthentic) { try other.responder.open(recorded) }
    }

    /// (plane, type, flags, payload bytes, wire length)
    @Test(arguments: [
        (UInt8(4), UInt8(0), UInt8(0), 0, 23), (255, 0, 0, 0, 23), (1, 1, 0, 1, 24), (3, 1, 0, 0, 23),
        (3, 0, 0, 1, 24), (0, 1, 2, 0, 23), (0, 1, 0x80, 0, 23),
    ])
    func `an authentic frame that breaks the format is refused`(
        plane: UInt8, type: UInt8, flags: UInt8, payload: Int, length: Int
    ) throws {
        var session = try Session()
        let frame = try forged(
            &session, plane: plane, type: type, flags: flags, payload: [UInt8](repeating: 1, count: payload),
            length: length)
        #expect(throws: ChannelError.malformedFrame) { try session.responder.open(frame) }
    }

    @Test
    func `padding that is not zero, and a payload longer than its frame, are refused`() {
        func parses(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { OpenedFrame($0) != nil } }
        #expect(parses([0, 1, 0, 0, 2, 9, 9]))
        #expect(parses([0, 1, 0, 0, 2, 9, 9] + [UInt8](repeating: 0, count: 21)))
        #expect(!parses([0, 1, 0, 0, 3, 9, 9]))
        #expect(!parses([0, 1, 0, 0xff, 0xff, 9, 9]))
        for count in 1...21 {
            for index in 0..<count {
                var padding = [UInt8](repeating: 0, count: count)
                padding[index] = 1
                #expect(!parses([0, 1, 0, 0, 2, 9, 9] + padding))
            }
        }
        for count in 0..<5 {
            #expect(!parses([UInt8](repeating: 0, count: count)))
        }
    }

    @Test
    func `a closed channel seals and opens nothing`() throws {
        var session = try Session()
        let frame = try session.initiator.sealed(.data, [1])
        session.initiator.close()
        session.responder.close()
        #expect(throws: ChannelError.closed) { try session.initiator.sealed(.data, [1]) }
        #expect(throws: ChannelError.closed) { try session.responder.open(frame) }
    }

    @Test
    func `the halves work apart`() throws {
        let session = try Session()
        let (sealed, total) = try session.takeInitiator().split { sealer, _, _ in
            var sealer = sealer
            var output: [UInt8] = []
            try sealer.seal(Frame(plane: .data, type: 0, payload: [1, 2, 3]), now: Self.start, into: &output)
            return (output, sealer.total)
        }
        #expect(sealed.count == 26 && total == 26)
    }
}
