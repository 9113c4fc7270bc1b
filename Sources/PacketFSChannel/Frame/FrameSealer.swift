internal import PacketFSSecrets
package import PacketFSWire

/// The sending half of a channel.
package struct FrameSealer: ~Copyable, Sendable {
    private let limits: ChannelLimits
    private let padding: Padding
    private let start: Instant
    private var keys: DirectionKeys
    private var usage: Epoch
    /// Of the next frame.
    private var sequence: UInt64 = 0
    private var scratch = [UInt8](repeating: 0, count: Limits.frame)
    private var isClosed = false
    /// Payload bytes of the data plane so far.
    private var dataSealed: UInt64 = 0
    /// Bytes of all frames sealed so far, as they travel.
    package private(set) var total: UInt64 = 0

    /// How often the keys were renewed.
    package var epoch: UInt32 { keys.epoch }

    init(keys: consuming DirectionKeys, limits: ChannelLimits, padding: Padding, now: Instant) {
        self.keys = keys
        self.limits = limits
        self.padding = padding
        start = now
        usage = Epoch(start: now)
    }

    /// Appends one frame to `output`, as it travels: at most `Limits.frame` bytes.
    ///
    /// With padding on, data frames should be full (`DataFrames.capacity`) but for the last of their stream: a short one
    /// is padded to the direction's next Padmé total, or to the largest frame if that is nearer.
    ///
    /// - Parameters:
    ///   - payload: at most `Limits.payload` bytes.
    ///   - now: decides whether the epoch or the session is over.
    package mutating func seal(
        _ plane: Plane, type: UInt8, payload: UnsafeRawBufferPointer, now: Instant, into output: inout some ByteSink
    ) throws(ChannelError) {
        let least = FrameLayout.overhead + payload.count
        guard least <= Limits.frame else { throw .payloadTooLarge }
        let isFull = plane == .data && payload.count == DataFrames.capacity(after: dataSealed)
        let length = padding.length(plane, least: least, isEmpty: payload.isEmpty, isFull: isFull, total: total)
        if plane == .data { dataSealed += UInt64(payload.count) }
        try seal(plane: plane.rawValue, type: type, payload: payload, length: length, now: now, into: &output)
    }

    package mutating func seal(_ frame: Frame, now: Instant, into output: inout some ByteSink) throws(ChannelError) {
        try frame.payload.span.bytes.withUnsafeBytes { payload throws(ChannelError) in
            try seal(frame.plane, type: frame.type, payload: payload, now: now, into: &output)
        }
    }

    /// Appends pad frames until `total` is a Padmé size, and then ends the direction: its keys are erased. Returns whether
    /// it did; if not, `most` bytes were appended, and it is to be called again.
    @discardableResult
    package mutating func finish(
        atMost most: UInt64 = .max, now: Instant, into output: inout some ByteSink
    ) throws(ChannelError) -> Bool {
        guard !isClosed else { throw .closed }
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let start = total
        while let length = padding.closing(total) {
            guard total - start < most else { return false }
            try seal(
                plane: Plane.pad.rawValue, type: 0, payload: nothing, length: length, now: now, into: &output)
        }
        close()
        return true
    }

    /// Erases the keys. Nothing can be sealed afterwards.
    package mutating func close() {
        isClosed = true
        keys.erase()
    }

    /// `plane` and `flags` are numbers here, and the payload may be said to have another length, so that tests and vectors
    /// can seal what the format forbids.
    package mutating func seal(
        plane: UInt8, type: UInt8, flags: UInt8 = 0, payload: UnsafeRawBufferPointer, saying count: Int? = nil,
        length: Int, now: Instant, into output: inout some ByteSink
    ) throws(ChannelError) {
        guard !isClosed else { throw .closed }
        guard now.seconds(since: start) < limits.session else {
            close()
            throw .sessionExpired
        }
        guard sequence < limits.sequences else { throw .sequenceExhausted }
        usage.count(length)
        let endsEpoch = usage.isFull(limits) || usage.isOld(limits, at: now)
        let plaintext = length - Limits.framePrefix - Limits.tag
        compose(payload, count: plaintext)
        scratch.withUnsafeMutableBytes {
            FrameLayout.writeHeader(
                plane: plane, type: type, flags: flags | (endsEpoch ? FrameLayout.endsEpoch : 0),
                payload: count ?? payload.count, into: $0)
        }
        let clear = UInt16(length - Limits.framePrefix)
        output.append(Limits.framePrefix) { $0.storeBytes(of: clear.bigEndian, as: UInt16.self) }
        try scratch.span.bytes.withUnsafeBytes { bytes throws(ChannelError) in
            try keys.seal(
                UnsafeRawBufferPointer(rebasing: bytes[..<plaintext]), sequence: sequence, length: clear, into: &output)
        }
        sequence += 1
        total += UInt64(length)
        if endsEpoch {
            try keys.advance()
            usage = Epoch(start: now)
        }
    }

    /// The plaintext behind its header.
    private mutating func compose(_ payload: UnsafeRawBufferPointer, count: Int) {
        scratch.withUnsafeMutableBytes { bytes in
            let end = Limits.frameHeader + payload.count
            UnsafeMutableRawBufferPointer(rebasing: bytes[Limits.frameHeader..<end]).copy(inBlocks: payload)
            guard end < count else { return }
            UnsafeMutableRawBufferPointer(rebasing: bytes[end..<count]).initializeMemory(as: UInt8.self, repeating: 0)
        }
    }
}
