package import PacketFSWire

/// Our part in a transfer.
package enum TransferRole: UInt8, CaseIterable, Sendable {
    case sending = 0
    case receiving = 1
}

/// One transfer that was begun and not finished, without its large parts.
package struct TransferSummary: Equatable, Sendable {
    package var id: TransferID
    package var peer: PartyID
    package var role: TransferRole
    /// Sending: where it goes, as the offer says it. Receiving: the absolute path.
    package var destination: String
    /// Receiving: the folder that the destination lies beneath and nothing leads out of. Sending: what the peer asked
    /// for, in words for people; empty if it did not.
    package var root: String
    /// Tells that folder from every other that may stand under its name; empty if that is not known.
    package var rootIdentity: [UInt8]
    /// Seconds since 1970, UTC.
    package var startedAt: Int64

    package init(
        id: TransferID, peer: PartyID, role: TransferRole, destination: String, root: String,
        rootIdentity: [UInt8] = [],
        startedAt: Int64
    ) {
        self.id = id
        self.peer = peer
        self.role = role
        self.destination = destination
        self.root = root
        self.rootIdentity = rootIdentity
        self.startedAt = startedAt
    }
}

/// The journal's row of a transfer: what a rerun needs to go on. A hint only; nothing in it is trusted.
package struct TransferRecord: Equatable, Sendable {
    package var summary: TransferSummary
    /// The encoded manifest; empty until it is known.
    package var manifest: [UInt8]
    /// An encoded `Snapshot` of the files concerned.
    package var statKeys: [UInt8]

    package init(summary: TransferSummary, manifest: [UInt8] = [], statKeys: [UInt8] = []) {
        self.summary = summary
        self.manifest = manifest
        self.statKeys = statKeys
    }
}
