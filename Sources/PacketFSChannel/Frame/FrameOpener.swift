internal import PacketFSSecrets
package import PacketFSWire

/// The receiving half of a channel. Its first error is its last word: the keys are erased, and the connection is to be
/// closed without an answer.
package struct FrameOpener: ~Copyable, Sendable {
    private let limits: ChannelLimits
    private let start: Instant
    private var keys: DirectionKeys
    private var usage: Epoch
    /// Of the next frame.
    private var sequence: UInt64 = 0
    private var buffer = FrameBuffer()
    private var lastHeard: Instant
    private var isClosed = false
    /// Bytes of all frames opened so far, as they travelled.
    package private(set) var total: UInt64 = 0

    /// How often the keys were renewed.
    package var epoch: UInt32 { keys.epoch }

    init(keys: consuming DirectionKeys, limits: ChannelLimits, now: Instant) {
        self.keys = keys
        self.limits = limits
        start = now
        lastHeard = now
        usage = Epoch(start: now)
    }

    /// Whether the other end has proved to hold the session's keys.
    package var hasOpened: Bool { sequence > 0 }

    /// Bytes received that no frame was made of yet. At the end of a stream it must be 0.
    package var pending: Int { buffer.count }

    /// Shows the next frame to `body`, in place: its payload must not be kept. `nil` when all of `received` is taken and
    /// more bytes are needed. Pad frames are swallowed.
    ///
    /// - Parameter received: bytes as they came. Those that were taken are removed from its front.
    package mutating func next<R>(
        of received: inout UnsafeRawBufferPointer, now: Instant, _ body: (OpenedFrame) -> R
    ) throws(ChannelError) -> R? {
        try checkAge(now: now)
        do {
            while let opened = try open(&received, now: now, body) {
                if let result = opened { return result }
            }
            return nil
        } catch {
            close()
            throw error
        }
    }

    /// Throws `silence` or `sessionExpired` when it is time, and then erases the keys. To be called now and then, once what
    /// had arrived by `now` was opened.
    ///
    /// - Parameter isBehind: something of it waits to be opened or acted upon all the same, which is no silence.
    package mutating func check(now: Instant, isBehind: Bool = false) throws(ChannelError) {
        try checkAge(now: now)
        if isBehind { lastHeard = now }
        if now.seconds(since: lastHeard) >= limits.silence {
            close()
            throw .silence
        }
    }

    /// Seconds since a frame opened.
    package func silence(now: Instant) -> Double { now.seconds(since: lastHeard) }

    private mutating func checkAge(now: Instant) throws(ChannelError) {
        guard !isClosed else { throw .closed }
        if now.seconds(since: start) >= limits.session {
            close()
            throw .sessionExpired
        }
    }

    /// Erases the keys. Nothing can be opened afterwards.
    package mutating func close() {
        isClosed = true
        keys.erase()
        buffer = FrameBuffer()
    }

    /// Opens the next whole frame. `nil` where there is none, and `nil` within for a pad frame.
    private mutating func open<R>(
        _ received: inout UnsafeRawBufferPointer, now: Instant, _ body: (OpenedFrame) -> R
    ) throws(ChannelError) -> R?? {
        var size = Limits.framePrefix
        let opened = try buffer.next(of: &received) { sealed throws(ChannelError) in
            guard sequence < limits.sequences else { throw .sequenceExhausted }
            guard !usage.isFull(limits) else { throw .rekeyOverdue }
            size += sealed.count
            return try keys.open(sealed, sequence: sequence, length: UInt16(sealed.count)) { Opened($0, body) }
        }
        guard let opened else { return nil }
        guard case .frame(let endsEpoch, let result) = opened else { throw .malformedFrame }
        sequence += 1
        total += UInt64(size)
        lastHeard = now
        usage.count(size)
        if endsEpoch {
            try keys.advance()
            usage = Epoch(start: now)
        }
        return .some(result)
    }

    private enum Opened<R> {
        case malformed
        case frame(endsEpoch: Bool, R?)

        init(_ plaintext: UnsafeRawBufferPointer, _ body: (OpenedFrame) -> R) {
            guard let frame = OpenedFrame(plaintext) else {
                self = .malformed
                return
            }
            self = .frame(endsEpoch: frame.endsEpoch, frame.plane == .pad ? nil : body(frame))
        }
    }
}
