/// A step that changes what outlives the process, so that a simulation can crash at each of them, and take back those
/// that were not synced. Files are descriptors or paths; offsets and lengths are bytes.
package enum PadStep: Equatable, Sendable {
    case create(String)
    case write(Int32, offset: UInt64, length: UInt64)
    case truncate(Int32, to: UInt64)
    case punch(Int32, offset: UInt64, length: UInt64)
    case sync(Int32)
    case rename(String, to: String)
    case remove(String)
    case makeFolder(String)
    case syncFolder(String)
    /// Bytes that leave for the peer.
    case send
}

/// Stands before every such step.
package protocol PadGate: Sendable {
    /// Called right before `step` happens; throwing keeps it from happening.
    func pass(_ step: PadStep) throws(PadError)
}

/// The gate of real life.
package struct OpenPadGate: PadGate {
    package init() {}
    package func pass(_: PadStep) throws(PadError) {}
}
