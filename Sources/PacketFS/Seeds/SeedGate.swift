/// A step of a change of seeds that outlives the process, named so that a test can crash at each of them.
package enum SeedStep: CaseIterable, Sendable {
    /// A change of the store.
    case record
    /// A seed that is put somewhere.
    case keep
    /// A file that takes a seed to the peer.
    case export
    /// A seed, or such a file, that is destroyed.
    case destroy
}

/// Stands before every such step; throwing keeps it from happening.
package protocol SeedGate: Sendable {
    func pass(_ step: SeedStep) throws
}

/// The gate of real life.
struct OpenSeedGate: SeedGate {
    func pass(_: SeedStep) {}
}
