package import PacketFSWire

/// Whose log it is, of the two that we share with each peer.
package enum LogRole: UInt8, CaseIterable, Sendable {
    /// We publish; the peer replicates.
    case own = 0
    /// What we hold of the peer's log.
    case replica = 1
}

/// A log as the store last saw it. Calls that take one throw `staleLog` when the store's has another `id` by now.
package struct LogRecord: Equatable, Sendable {
    package let peer: PartyID
    package let role: LogRole
    package let id: LogID
    /// Own logs: the next address to allocate. Replicas: the end of the last extent.
    package let next: UInt64

    package init(peer: PartyID, role: LogRole, id: LogID, next: UInt64) {
        self.peer = peer
        self.role = role
        self.id = id
        self.next = next
    }
}

/// Extents of an own log that the peer had acknowledged, and that were dropped here.
package struct LogDrops: Equatable, Sendable {
    /// So far.
    package let count: UInt64
    /// Of these, how many the peer knows of.
    package let told: UInt64

    package init(count: UInt64, told: UInt64) {
        self.count = count
        self.told = told
    }

    /// Whether the peer may hold more than we know of.
    package var areUntold: Bool { told < count }
}
