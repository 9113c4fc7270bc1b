/// A step that changes what is on disk, named so that a simulation can crash at each of them.
package enum DurableWrite: Equatable, Hashable, Sendable, CaseIterable {
    case create
    case write
    case truncate
    case rename
    case exchange
    case remove
    case makeFolder
    case link
    case metadata
    case sync
    /// Bytes into the replica of a log.
    case learn
    /// Bytes of a damaged extent put right.
    case heal
    /// A transaction of the store.
    case record
}

/// Stands before every durable write of this room.
package protocol WriteGate: Sendable {
    /// Called right before `what` happens; throwing keeps it from happening.
    func pass(_ what: DurableWrite) throws(FileFault)
}

/// The gate of real life.
package struct OpenGate: WriteGate {
    package init() {}
    package func pass(_: DurableWrite) throws(FileFault) {}
}
