internal import PacketFSWire

/// Covers payloads with blocks of our half, in the order in which they are sent (`Specs/keystream.md` §5).
///
/// Blocks are reserved durably before any byte of them is used. What was reserved and not used is burnt at the end: at
/// most an eighth of what was used, and 64 KiB.
package final class KeystreamSender {
    /// Blocks of the smallest reservation.
    private static let least: UInt64 = 16

    private let pad: Pad
    private let stream: BlockStream
    /// Reserved blocks whose fate is not recorded.
    private var open: Range<UInt64>
    /// Blocks that were used and recorded as such.
    private var settled: UInt64 = 0
    private var burntBlocks: UInt64 = 0

    /// Throws `noLockedMemory`, and nothing is used.
    package init(_ pad: Pad) throws(PadError) {
        self.pad = pad
        stream = try BlockStream(pad.file, half: pad.own)
        open = pad.state.next..<pad.state.next
    }

    /// Bytes of the blocks used so far.
    package var used: UInt64 { usedBlocks * PadLayout.block }
    /// Bytes of the blocks that were reserved and not used, once closed.
    package var burnt: UInt64 { burntBlocks * PadLayout.block }
    /// Bytes of the blocks of which all is left.
    package var left: UInt64 { (stream.available / UInt64(Limits.padCover) + pad.left) * PadLayout.block }

    /// Covers a payload in place. `announce` is called with blocks that the receiver must know of before it.
    ///
    /// Throws `exhausted`, before anything is reserved, when the payload cannot be covered whole.
    package func cover(
        _ payload: UnsafeMutableRawBufferPointer, announce: (Range<UInt64>) throws -> Void
    ) throws {
        let count = UInt64(payload.count)
        if stream.available < count {
            let missing = Limits.padBlocks(covering: count - stream.available)
            guard missing <= pad.left else { throw PadError.exhausted(needed: missing, left: pad.left) }
            let step = min(max(usedBlocks / 8, Self.least), Limits.padAnnounced)
            try settle()
            let range = try pad.reserve(min(max(step, missing), pad.left))
            open = open.lowerBound..<range.upperBound
            try announce(range)
            stream.add(range)
        }
        try stream.apply(to: payload)
    }

    /// Records what was used, and burns what was reserved beyond that.
    package func close() throws(PadError) {
        try settle()
        _ = stream.wipe()
        let rest = open
        open = open.upperBound..<open.upperBound
        burntBlocks += UInt64(rest.count)
        try pad.finish(rest, isUsed: false)
    }

    private var usedBlocks: UInt64 { settled + UInt64(usedOpen.count) }

    private var usedOpen: Range<UInt64> {
        open.lowerBound..<max(open.lowerBound, min(stream.usedEnd, open.upperBound))
    }

    private func settle() throws(PadError) {
        let used = usedOpen
        try pad.record(used, isUsed: true)
        settled += UInt64(used.count)
        open = used.upperBound..<open.upperBound
    }
}
