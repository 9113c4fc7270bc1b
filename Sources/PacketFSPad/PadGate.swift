/// A step that changes what outlives the process, named so that a simulation can crash at each of them.
package enum PadStep: Equatable, Hashable, Sendable, CaseIterable {
    case create
    case write
    case sync
    case punch
    case rename
    case remove
    case makeFolder
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
