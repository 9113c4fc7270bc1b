internal import PacketFSWire

/// Collects one handshake message from a byte stream, behind its two-byte length.
package struct HandshakeReader: Sendable {
    private let bound: Int
    private var bytes: [UInt8] = []

    /// A reader for what `role` will receive.
    package init(for role: Role) {
        bound = role == .responder ? HandshakeLimits.message1 : HandshakeLimits.message2
    }

    /// Takes received bytes.
    ///
    /// - Returns: the message once it is whole, and the bytes that came after it.
    package mutating func receive(
        _ received: UnsafeRawBufferPointer
    ) throws(ChannelError) -> (message: [UInt8], rest: [UInt8])? {
        // The other side waits after its message, so more than a frame too much is not kept.
        guard bytes.count + received.count <= 2 + bound + Limits.frame else { throw .malformedHandshake }
        bytes.append(contentsOf: received.elements)
        guard bytes.count >= 2 else { return nil }
        let length = Int(bytes[0]) << 8 | Int(bytes[1])
        guard length <= bound else { throw .malformedHandshake }
        guard bytes.count >= 2 + length else { return nil }
        return (Array(bytes[2..<2 + length]), Array(bytes[(2 + length)...]))
    }

    /// A handshake message as it travels.
    package static func framed(_ message: [UInt8]) -> [UInt8] {
        [UInt8(message.count >> 8), UInt8(message.count & 0xff)] + message
    }
}
