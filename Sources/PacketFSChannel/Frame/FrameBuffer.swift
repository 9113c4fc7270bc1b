internal import PacketFSWire

/// Finds the frames in received bytes. A frame that lies whole in them is not copied; of any other, one at most is kept.
struct FrameBuffer: Sendable {
    /// A frame in pieces, as far as it came.
    private var partial: [UInt8] = []

    var count: Int { partial.count }

    /// Runs `body` with what follows the length of the next frame; `nil` when all of `received` is taken and no frame is
    /// whole. Throws `frameLength` before anything more is kept of such a frame.
    mutating func next<R>(
        of received: inout UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(ChannelError) -> R
    ) throws(ChannelError) -> R? {
        if partial.isEmpty, let length = try Self.length(received), length <= received.count {
            return try body(Self.sealed(received.removeFront(length)))
        }
        complete(Limits.framePrefix, from: &received)
        guard let length = try partial.span.bytes.withUnsafeBytes(Self.length) else { return nil }
        complete(length, from: &received)
        guard partial.count == length else { return nil }
        defer { partial.removeAll(keepingCapacity: true) }
        return try partial.span.bytes.withUnsafeBytes { frame throws(ChannelError) in try body(Self.sealed(frame)) }
    }

    /// Moves bytes to the partial frame until it has `count`, or all have come.
    private mutating func complete(_ count: Int, from received: inout UnsafeRawBufferPointer) {
        let missing = max(0, count - partial.count)
        partial.append(contentsOf: received.removeFront(min(missing, received.count)).elements)
    }

    /// The length of the frame at the front, prefix and all; `nil` until its prefix is there.
    private static func length(_ front: UnsafeRawBufferPointer) throws(ChannelError) -> Int? {
        guard front.count >= Limits.framePrefix else { return nil }
        let length = Int(front[0]) << 8 | Int(front[1])
        guard length >= FrameLayout.leastLength, length <= Limits.frame - Limits.framePrefix else {
            throw .frameLength
        }
        return Limits.framePrefix + length
    }

    private static func sealed(_ frame: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: frame[Limits.framePrefix...])
    }
}

extension UnsafeRawBufferPointer {
    /// Takes the first `count` bytes off.
    fileprivate mutating func removeFront(_ count: Int) -> UnsafeRawBufferPointer {
        defer { self = UnsafeRawBufferPointer(rebasing: self[count...]) }
        return UnsafeRawBufferPointer(rebasing: self[..<count])
    }
}
