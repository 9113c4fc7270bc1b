import Glibc
package import PacketFSWire

/// Why a transfer cannot be rebuilt any further. What concerns one entry alone is an `EntryFailure` in the receipt.
package enum RebuildError: Error, Equatable, Sendable {
    /// A record came when it may not, or for another transfer.
    case outOfOrder
    /// A length does not add up with what the opening, the manifest or the leaf says.
    case wrongLength
    /// A descriptor or context points at bytes that this replica need not hold.
    case outOfBounds
    /// Literals do not decode to exactly the bytes that the descriptors need.
    case badLiterals
    /// The manifest was refused.
    case manifest(WireError)
    /// The sender repaired a leaf, and its tag still does not hold.
    case integrity
    /// No space, or no quota, is left at the destination. What was verified can be resumed.
    case diskFull
    /// The destination may not be written to.
    case readOnly
    /// The destination is not a folder, is not there, or lies behind a link, as this errno says.
    case unusableDestination(Int32)
    /// The folder that is granted to the peer is not there, or is none.
    case missingRoot
    /// The device failed.
    case inputOutput
    /// Out of descriptors or memory.
    case outOfResources
    /// No space, or no quota, is left for the replica of the sender's log.
    case replicaFull
    /// The replica of the sender's log cannot be written.
    case replica
    /// The file system of the replica, or a limit of this process, takes no file that large.
    case replicaTooLarge
    /// Nobody waits for the transfer any more.
    case givenUp
    /// A simulated crash.
    case crashed

    /// Whether no folder stands where the destination should be.
    package var isAbsence: Bool { self == .unusableDestination(ENOENT) || self == .unusableDestination(ENOTDIR) }

    /// What the peer is told.
    package var reason: AbortReason {
        switch self {
        case .manifest(.tooLarge): .limitExceeded
        case .outOfOrder, .wrongLength, .outOfBounds, .badLiterals, .manifest: .malformed
        case .integrity: .integrity
        case .diskFull, .replicaFull: .diskFull
        case .readOnly, .unusableDestination, .missingRoot, .inputOutput: .destinationUnusable
        case .outOfResources, .replicaTooLarge: .limitExceeded
        case .replica, .givenUp, .crashed: .internalError
        }
    }
}
