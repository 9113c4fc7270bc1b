internal import PacketFSWire

/// Received bytes that are not opened yet. Holds no more than one frame and what its caller received at once.
struct FrameBuffer: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0

    var count: Int { bytes.count - start }

    mutating func append(_ received: UnsafeRawBufferPointer) {
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            start = 0
        } else if start > Limits.frame {
            bytes.removeSubrange(..<start)
            start = 0
        }
        bytes.append(contentsOf: received.elements)
    }

    /// The clear length of the frame at the front once it is whole. Throws `frameLength` before that.
    func nextLength() throws(ChannelError) -> Int? {
        guard count >= Limits.framePrefix else { return nil }
        let length = Int(bytes[start]) << 8 | Int(bytes[start + 1])
        guard length >= FrameLayout.leastLength, length <= Limits.frame - Limits.framePrefix else {
            throw .frameLength
        }
        return count >= Limits.framePrefix + length ? length : nil
    }

    /// The sealed bytes of the frame at the front.
    func withFront<R>(
        _ length: Int, _ body: (UnsafeRawBufferPointer) throws(ChannelError) -> R
    ) throws(ChannelError) -> R {
        let first = start + Limits.framePrefix
        return try bytes.span.bytes.withUnsafeBytes { bytes throws(ChannelError) in
            try body(UnsafeRawBufferPointer(rebasing: bytes[first..<first + length]))
        }
    }

    mutating func removeFront(_ length: Int) {
        start += Limits.framePrefix + length
    }
}
