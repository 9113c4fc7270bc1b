import PacketFSPad
import PacketFSWire

/// Single-use bytes of a pad.
final class PadCover: PayloadCover {
    let kind = ProtectionKind.keystream
    private(set) var use: PadUse?
    /// `nil` once closed: the pad is free for others then.
    private var streams: (sending: KeystreamSender, receiving: KeystreamReceiver)?

    init(_ pad: Pad, name: String) throws(PadError) {
        let sending = try KeystreamSender(pad)
        streams = (sending, try KeystreamReceiver(pad))
        use = PadUse(name: name, source: PadSourceInfo(pad.header.source), used: 0, left: sending.left)
    }

    func cover(_ payload: UnsafeMutableRawBufferPointer, _ announce: (ControlMessage) throws -> Void) throws {
        let streams = try open()
        try streams.sending.cover(payload) { blocks in
            try announce(.blocks(start: blocks.lowerBound, count: UInt64(blocks.count)))
        }
        use?.used = streams.sending.used
        use?.left = streams.sending.left
    }

    func uncover(_ payload: UnsafeMutableRawBufferPointer) throws {
        try open().receiving.uncover(payload)
    }

    func expect(_ blocks: Range<UInt64>) throws {
        try open().receiving.expect(blocks)
    }

    /// What cannot be recorded or destroyed now is when the pad is opened next.
    func close() {
        guard let streams else { return }
        try? streams.sending.close()
        try? streams.receiving.close()
        use?.left = streams.sending.left
        use?.burnt = streams.sending.burnt
        self.streams = nil
    }

    private func open() throws -> (sending: KeystreamSender, receiving: KeystreamReceiver) {
        try streams.orThrow(.internal, "the pad is closed")
    }
}
