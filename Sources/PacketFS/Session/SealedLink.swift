import NIOCore
import PacketFSChannel
import PacketFSEngine
import PacketFSPlan
import PacketFSRebuild
import PacketFSTransport
import PacketFSWire

/// One end of a session's sealed byte stream: messages in, bytes out, and the reverse. No socket, no clock.
final class SealedLink {
    /// Bytes of output above which no new leaf is planned.
    static let room = 4 << 20
    /// Bytes of output above which nothing more of the peer is looked at.
    static let mostWaiting = 16 << 20
    /// Seconds without a frame of ours after which we say that we are alive.
    static let aliveInterval = 30.0

    private var channel: SealedChannel
    private var records = RecordReader()
    private let encoder: BlockCoder
    private let decoder: ZstdDecoder
    /// Bytes of the data plane that do not fill a frame yet.
    private var tail: [UInt8] = []
    private var output = ByteBuffer()
    /// What covers payloads, from when both ends agreed on it.
    private var seat: LinkCover?
    private var sent = PlaneCount()
    private var heard = PlaneCount()
    /// Whether the peer has said more than was acted upon.
    private(set) var isBehind = false
    /// When we last said anything.
    private var lastSaid: Instant
    /// We have said our end: nothing but padding follows.
    private(set) var hasSaidAll = false
    /// The padding is sealed, too.
    private(set) var hasEnded = false
    private(set) var peerHasEnded = false
    /// Bytes on the wire, handshake included.
    private(set) var wireSent: UInt64
    private var meter: PaceMeter
    private(set) var wireReceived: UInt64

    /// What a direction's data plane carried, as its sealed end says.
    private struct PlaneCount {
        var bytes: UInt64 = 0
        var frames: UInt64 = 0
    }

    /// - Parameter started: when the connection was begun.
    init(
        channel: consuming SealedChannel, handshakeSent: Int, handshakeReceived: Int, started: Instant, now: Instant
    ) throws {
        self.channel = channel
        encoder = try BlockCoder()
        decoder = try ZstdDecoder().orThrow(.limit, "out of memory")
        lastSaid = now
        wireSent = UInt64(handshakeSent)
        wireReceived = UInt64(handshakeReceived)
        let seconds = max(now.seconds(since: started), 0.001)
        meter = PaceMeter(guess: Double(handshakeSent + handshakeReceived) / seconds)
    }

    /// Bytes of the data plane's sealed frames, both ways.
    var dataPlaneBytes: UInt64 {
        sent.bytes + heard.bytes + (sent.frames + heard.frames) * UInt64(Limits.frame - Limits.payload)
    }

    /// Bytes that wait to be taken.
    var backlog: Int { output.readableBytes }

    /// How fast the connection takes what it is given; `nil` if that is not known.
    var pace: Pace? { meter.pace }

    /// Takes note of what the connection carried of the bytes it was given.
    func note(_ delivery: Delivery) {
        meter.note(sent: wireSent, delivery)
    }

    var cover: (any PayloadCover)? { seat?.cover }

    /// The channel failed: its keys go, and nothing more is said.
    func close() {
        channel.close()
        output.clear()
    }

    /// From the next payload on, both ways.
    func install(_ cover: any PayloadCover) {
        seat = LinkCover(cover)
    }
}

// MARK: Sending

extension SealedLink {
    func send(_ message: ControlMessage, now: Instant) throws {
        let frames = try PacketFSError.encoding { () throws(WireError) in try message.encode() }
        for (type, payload) in frames { try seal(.control, type, payload, now: now) }
    }

    func send(_ message: RepairMessage, now: Instant) throws {
        let compress = encoder.partCompressor
        let frames = try PacketFSError.encoding { () throws(WireError) in try message.encode(compress: compress) }
        for (type, payload) in frames { try seal(.repair, type, payload, now: now) }
    }

    /// Appends a record to the data plane; what does not fill a frame waits for more, or for `flush`.
    func send(_ record: DataRecord, now: Instant) throws {
        let (head, tail) = try record.encoded(by: encoder)
        try append(head, now: now)
        try append(tail, now: now)
    }

    private func append(_ bytes: [UInt8], now: Instant) throws {
        var start = 0
        if !tail.isEmpty {
            start = min(capacity - tail.count, bytes.count)
            tail += bytes[..<start]
            guard tail.count == capacity else { return }
            try flush(now: now)
        }
        try bytes.withUnsafeBytes { all in
            while all.count - start >= capacity {
                let end = start + capacity
                try sealData(UnsafeRawBufferPointer(rebasing: all[start..<end]), now: now)
                start = end
            }
        }
        tail += bytes[start...]
    }

    /// Payload bytes of the next data frame, if it is full.
    private var capacity: Int { DataFrames.capacity(after: sent.bytes) }

    /// Seals what waits on the data plane.
    func flush(now: Instant) throws {
        guard !tail.isEmpty else { return }
        try tail.withUnsafeBytes { try sealData($0, now: now) }
        tail.removeAll(keepingCapacity: true)
    }

    /// Ends our direction: the sealed end, then pad frames, at most `room` of them at a time. To be called until it has
    /// ended.
    func end(now: Instant) throws {
        if !hasSaidAll {
            try flush(now: now)
            try send(.end(bytes: sent.bytes, frames: sent.frames), now: now)
            hasSaidAll = true
            // Whoever ends first has had the last word of the other but its end.
            cover?.close()
        }
        hasEnded = try channel.sealer.finish(atMost: UInt64(Self.room), now: now, into: &output)
    }

    /// Says that we are alive if that is due and we may speak; throws when the peer has been silent for too long.
    func tick(now: Instant, speaks: Bool = true) throws {
        guard !peerHasEnded else { return }
        try channel.opener.check(now: now, isBehind: isBehind)
        if speaks, !hasSaidAll, now.seconds(since: lastSaid) >= Self.aliveInterval { try send(.alive, now: now) }
    }

    /// Seconds since a frame of the peer opened, while more are to come.
    func silence(now: Instant) -> Double {
        peerHasEnded || isBehind ? 0 : channel.opener.silence(now: now)
    }

    func takeOutput() -> ByteBuffer {
        guard output.readableBytes > 0 else { return ByteBuffer() }
        wireSent += UInt64(output.readableBytes)
        // As much room as the last output took: the next one is most often as long.
        var taken = ByteBuffer()
        taken.reserveCapacity(min(output.readableBytes, Self.room + Limits.frame))
        swap(&taken, &output)
        return taken
    }

    private func seal(_ plane: Plane, _ type: UInt8, _ payload: [UInt8], now: Instant) throws {
        let isCovered = plane != .control || ControlMessage.isCovered(type: type)
        try payload.withUnsafeBytes {
            try seal(plane, type, isCovered ? covering($0, now: now) : $0, now: now)
        }
    }

    private func seal(_ plane: Plane, _ type: UInt8, _ payload: UnsafeRawBufferPointer, now: Instant) throws {
        lastSaid = now
        try channel.sealer.seal(plane, type: type, payload: payload, now: now, into: &output)
    }

    /// The payload as it is to be sealed, for the caller's use at once.
    private func covering(_ payload: UnsafeRawBufferPointer, now: Instant) throws -> UnsafeRawBufferPointer {
        guard let seat, !payload.isEmpty else { return payload }
        return try seat.covering(payload) { try send($0, now: now) }
    }

    private func sealData(_ payload: UnsafeRawBufferPointer, now: Instant) throws {
        let sealed = try covering(payload, now: now)
        sent.bytes += UInt64(payload.count)
        sent.frames += 1
        try seal(.data, 0, sealed, now: now)
    }
}

// MARK: Receiving

extension SealedLink {
    /// Opens what has come and hands out its messages in order, for as long as `mayGoOn` and until output has to be taken:
    /// then it is behind, and is to be called again with what is in `rest`, though that be nothing. The first thing that is
    /// not authentic or not well formed throws, and ends the session.
    func receive(
        _ rest: inout UnsafeRawBufferPointer, now: Instant, while mayGoOn: () -> Bool, _ body: (Inbound) throws -> Void
    ) throws {
        let count = rest.count
        defer {
            wireReceived += UInt64(count - rest.count)
            isBehind = !rest.isEmpty || records.hasNext
        }
        while hasRoom, mayGoOn() {
            if let record = records.next() {
                try body(.record(DataRecord(decoding: record, decompress: decoder.decode(_:count:))))
            } else if let opened = try channel.opener.next(of: &rest, now: now, take) {
                if let frame = try opened.get() { try handle(frame, body) }
            } else {
                return
            }
        }
    }

    /// What has come of a leaf that is not whole.
    var cutLeaf: CutLeaf? { records.cutLeaf }

    /// Whether so little waits to be taken that more of the peer is looked at.
    var hasRoom: Bool { backlog < Self.mostWaiting }

    /// Data goes to the record reader from where it was opened; the rest is copied out.
    private func take(_ opened: OpenedFrame) -> Result<Frame?, any Error> {
        Result {
            let isCovered = opened.plane != .control || ControlMessage.isCovered(type: opened.type)
            let payload = isCovered ? try uncovering(opened.payload) : opened.payload
            guard opened.plane == .data else {
                return Frame(plane: opened.plane, type: opened.type, payload: Array(payload))
            }
            heard.bytes += UInt64(payload.count)
            heard.frames += 1
            guard !peerHasEnded else { throw WireError.inconsistent }
            try records.append(payload)
            return nil
        }
    }

    private func uncovering(_ payload: UnsafeRawBufferPointer) throws -> UnsafeRawBufferPointer {
        guard let seat, !payload.isEmpty else { return payload }
        return try seat.uncovering(payload)
    }

    private func handle(_ frame: Frame, _ body: (Inbound) throws -> Void) throws {
        guard !peerHasEnded else { throw EngineError.unexpectedMessage }
        if frame.plane == .repair {
            let message = try RepairMessage.decode(
                type: frame.type, payload: frame.payload, decompress: decoder.decode(_:count:))
            return try body(.repair(message))
        }
        let message = try ControlMessage.decode(type: frame.type, payload: frame.payload)
        if case .end(let bytes, let frames) = message { try checkEnd(bytes, frames) }
        if case .blocks(let start, let count) = message {
            guard let cover else { throw EngineError.unexpectedMessage }
            return try cover.expect(start..<start + count)
        }
        try body(.control(message))
    }

    /// The end's counts are what this side saw: nothing was cut out, and nothing is missing.
    private func checkEnd(_ bytes: UInt64, _ frames: UInt64) throws {
        guard bytes == heard.bytes, frames == heard.frames, records.isAtBoundary else { throw EngineError.malformed }
        peerHasEnded = true
    }
}

extension ByteBuffer: ByteSink {
    package mutating func append(_ count: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: count) { room in
            write(UnsafeMutableRawBufferPointer(rebasing: room[..<count]))
            return count
        }
    }
}
