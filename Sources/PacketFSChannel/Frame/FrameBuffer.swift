internal import PacketFSWire

/// Received bytes that are not opened yet. Holds no more than one frame and what its caller received at once.
struct FrameBuffer: Sendable {
    /// What came before: a frame in pieces, as far as it came.
    private var partial: [UInt8] = []
    /// What came last, and how much of it is opened or partial.
    private var bytes: [UInt8] = []
    private var start = 0

    var count: Int { partial.count + bytes.count - start }

    /// Takes what was received; the bytes are copied only where a frame continues over them.
    mutating func append(_ received: [UInt8]) {
        partial += bytes[start...]
        bytes = received
        start = 0
    }

    /// The clear length of the frame at the front once it is whole. Throws `frameLength` before that.
    mutating func nextLength() throws(ChannelError) -> Int? {
        if !partial.isEmpty, partial.count < Limits.framePrefix { complete(Limits.framePrefix) }
        guard count >= Limits.framePrefix else { return nil }
        let length = partial.isEmpty ? Self.length(bytes[start...]) : Self.length(partial[...])
        guard length >= FrameLayout.leastLength, length <= Limits.frame - Limits.framePrefix else {
            throw .frameLength
        }
        guard count >= Limits.framePrefix + length else { return nil }
        if !partial.isEmpty { complete(Limits.framePrefix + length) }
        return length
    }

    /// The sealed bytes of the frame at the front.
    func withFront<R>(
        _ length: Int, _ body: (UnsafeRawBufferPointer) throws(ChannelError) -> R
    ) throws(ChannelError) -> R {
        let first = (partial.isEmpty ? start : 0) + Limits.framePrefix
        let front = partial.isEmpty ? bytes : partial
        return try front.span.bytes.withUnsafeBytes { bytes throws(ChannelError) in
            try body(UnsafeRawBufferPointer(rebasing: bytes[first..<first + length]))
        }
    }

    mutating func removeFront(_ length: Int) {
        if partial.isEmpty {
            start += Limits.framePrefix + length
        } else {
            partial.removeFirst(Limits.framePrefix + length)
        }
    }

    /// Moves bytes to the partial frame until it has `count`, or all have come.
    private mutating func complete(_ count: Int) {
        let moved = max(0, min(count - partial.count, bytes.count - start))
        partial += bytes[start..<start + moved]
        start += moved
    }

    private static func length(_ front: ArraySlice<UInt8>) -> Int {
        Int(front[front.startIndex]) << 8 | Int(front[front.startIndex + 1])
    }
}
