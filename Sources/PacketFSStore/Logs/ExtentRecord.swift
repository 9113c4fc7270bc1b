package import PacketFSWire

/// What is known of an extent.
package enum ExtentState: UInt8, CaseIterable, Sendable {
    /// Own log: sent, not yet acknowledged.
    case pending = 0
    /// Own log: the peer said that it holds it.
    case acknowledged = 1
    /// Replica: whole and verified when it was learned.
    case held = 2
}

/// An extent with where it came from.
package struct ExtentRecord: Equatable, Sendable {
    package var extent: Extent
    package var state: ExtentState
    /// The transfer whose bytes it holds, or `nil` for bytes that were provisioned.
    package var transfer: TransferID?
    /// The first and last path, in manifest order, whose bytes it holds; equal and empty when they are of no file.
    package var firstPath: [UInt8]
    package var lastPath: [UInt8]
    /// Seconds since 1970, UTC.
    package var learnedAt: Int64

    package init(
        extent: Extent, state: ExtentState, transfer: TransferID?, firstPath: [UInt8], lastPath: [UInt8],
        learnedAt: Int64
    ) {
        self.extent = extent
        self.state = state
        self.transfer = transfer
        self.firstPath = firstPath
        self.lastPath = lastPath
        self.learnedAt = learnedAt
    }
}

/// What a log keeps, in sum.
package struct LogUsage: Equatable, Sendable {
    package var extents: Int
    package var bytes: UInt64

    package init(extents: Int, bytes: UInt64) {
        self.extents = extents
        self.bytes = bytes
    }
}
