package import PacketFSWire

/// What of a pad is left, and what may be claimed of it. Counts and positions are blocks of 4,096 bytes.
package struct PadStatus: Sendable, Equatable {
    /// Why nothing can be sealed or opened.
    package enum Lock: String, Sendable {
        case unknownMachine
        case otherMachine
        case otherFiles
        case rolledBack
    }

    package var pad: PadID
    /// `nil` for a pad that was destroyed.
    package var source: PadSource?
    /// Blocks of each half.
    package var blocks: UInt64 = 0
    /// Of our half: free, used, and burnt or still reserved.
    package var left: UInt64 = 0
    package var spent: UInt64 = 0
    package var burnt: UInt64 = 0
    /// Of the peer's half: not spent yet, and spent.
    package var receivable: UInt64 = 0
    package var received: UInt64 = 0
    /// The end of the highest block of the peer's half that is spent: what the peer must skip past.
    package var mark: UInt64 = 0
    /// The next block of our half.
    package var next: UInt64 = 0
    package var lock: Lock?
    package var kept: [KeptMessage] = []

    init(pad: PadID) {
        self.pad = pad
    }

    init(_ pad: Pad, lock: Lock?) throws(PadError) {
        let state = pad.state
        self.pad = pad.header.pad
        source = pad.header.source
        blocks = pad.header.blocks
        left = pad.left
        spent = state.settled
        burnt = state.next - state.settled
        received = state.received.count
        receivable = blocks - received
        mark = state.received.end
        next = state.next
        self.lock = lock
        kept = try pad.kept()
    }
}
