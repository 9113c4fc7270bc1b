import NIOCore
package import PacketFS
package import PacketFSChannel
package import PacketFSWire

extension SessionCore {
    /// What it has to say next, as an array.
    package func said(now: Instant) -> [UInt8] {
        Array(buffer: produce(now: now))
    }
}

extension FrameOpener {
    /// Hands out the frames that these bytes complete.
    package mutating func open(_ bytes: [UInt8], now: Instant, _ body: (Frame) throws -> Void) throws {
        try bytes.withUnsafeBytes { bytes in
            var rest = bytes
            while let frame = try next(of: &rest, now: now, Frame.init(copying:)) { try body(frame) }
        }
    }
}

extension Frame {
    fileprivate init(copying opened: OpenedFrame) {
        self.init(plane: opened.plane, type: opened.type, payload: Array(opened.payload))
    }
}
