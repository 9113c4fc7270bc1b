internal import PacketFSWire

/// Uncovers payloads with blocks of the peer's half, in the order in which they come (`Specs/keystream.md` §5).
///
/// Blocks are recorded as spent when the peer announces them: whatever becomes of the session, nothing else is ever
/// opened with them.
package final class KeystreamReceiver {
    /// Ranges that wait at once: one to go on with, and one that a payload reaches into.
    private static let waiting = 2

    private let pad: Pad
    private let stream: BlockStream
    /// Spent blocks whose destruction is not recorded.
    private var uncleared: [Range<UInt64>] = []

    /// Throws `noLockedMemory`, and nothing is used.
    package init(_ pad: Pad) throws(PadError) {
        self.pad = pad
        stream = try BlockStream(pad.file, half: pad.peers)
    }

    /// Takes an announcement. Throws `spent` for blocks that were used before, `malformedMessage` for one that is not
    /// needed yet.
    package func expect(_ range: Range<UInt64>) throws(PadError) {
        guard range.upperBound <= pad.header.blocks, stream.ranges.count < Self.waiting else { throw .malformedMessage }
        guard pad.areFresh(range) else { throw .spent }
        try pad.ledger.append(.drawn(start: range.lowerBound, count: UInt64(range.count)))
        uncleared.append(range)
        stream.add(range)
        try clear()
    }

    /// Uncovers a payload in place. Throws `malformedMessage` if too few blocks were announced for it.
    package func uncover(_ payload: UnsafeMutableRawBufferPointer) throws(PadError) {
        guard UInt64(payload.count) <= stream.available else { throw .malformedMessage }
        try stream.apply(to: payload)
    }

    /// Destroys what was announced and is left.
    package func close() throws(PadError) {
        for range in stream.wipe() { try pad.file.destroy(half: pad.peers, range) }
        for range in uncleared { try record(range) }
        uncleared = []
    }

    /// Records the destruction of those that are taken whole.
    private func clear() throws(PadError) {
        let waiting = Set(stream.ranges.map(\.upperBound))
        for range in uncleared where !waiting.contains(range.upperBound) { try record(range) }
        uncleared.removeAll { !waiting.contains($0.upperBound) }
    }

    private func record(_ range: Range<UInt64>) throws(PadError) {
        try pad.ledger.append(.cleared(start: range.lowerBound, count: UInt64(range.count)))
    }
}
