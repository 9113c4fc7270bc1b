/// What happens during a transfer.
public enum TransferEvent: Sendable {
    /// Counters; at most some ten a second.
    case progress(Progress)
    /// Something was not done, or done otherwise than asked; the transfer goes on.
    case warning(TransferWarning)
    /// The end of a transfer that was committed.
    case finished(TransferSummary)
}

/// Counters of a running transfer.
public struct Progress: Sendable, Equatable {
    /// What is being done.
    public enum Phase: String, Sendable {
        /// Reaching the peer and agreeing on keys.
        case connecting
        /// Walking the sources.
        case scanning
        /// Planning, sending or rebuilding.
        case transferring
        /// Waiting for the receiver to verify and commit.
        case committing
    }

    /// What is being done.
    public var phase = Phase.connecting
    /// Bytes of file contents planned or rebuilt so far.
    public var bytesDone: UInt64 = 0
    /// Bytes of file contents in this transfer, once known.
    public var bytesTotal: UInt64 = 0
    /// Bytes sent on the wire, handshake and padding included.
    public var wireSent: UInt64 = 0
    /// Bytes received on the wire.
    public var wireReceived: UInt64 = 0
    /// Leaves that had to be repaired.
    public var leavesRepaired = 0

    /// All zero.
    public init() {}
}

/// Something that a person should know about one path.
public struct TransferWarning: Sendable, Equatable {
    /// The path, relative to the destination, as text: a byte that is not UTF-8 as `\x` and two digits, a backslash as
    /// two.
    public var path: String
    /// What is the matter with it.
    public var reason: String
}

/// What a dry run would do with one path.
public struct PathChange: Sendable, Equatable {
    /// What would be done.
    public enum Kind: String, Sendable {
        /// A file whose content would be written.
        case write
        /// Something that would be deleted.
        case delete
    }

    /// What would be done.
    public var kind: Kind
    /// The path, relative to the destination, as text like that of a warning.
    public var path: String

    /// Makes one.
    public init(_ kind: Kind, _ path: String) {
        self.kind = kind
        self.path = path
    }
}

/// SHA-256 of a committed file.
public struct FileDigest: Sendable, Equatable {
    /// The path, relative to the destination: bytes, which need not be text.
    public var path: [UInt8]
    /// The digest in hexadecimal.
    public var sha256: String

    /// Makes one.
    public init(path: [UInt8], sha256: String) {
        self.path = path
        self.sha256 = sha256
    }

    /// The path as text: a byte that is not UTF-8 as `\x` and two digits, a backslash as two.
    public var text: String { String(path: path) }
}

/// What a finished transfer did.
public struct TransferSummary: Sendable, Equatable {
    /// Entries of the tree: files, folders, links.
    public var entries = 0
    /// Files whose content was rebuilt and committed.
    public var filesWritten = 0
    /// Files that were there already, unchanged.
    public var filesKept = 0
    /// Entries deleted at the destination.
    public var deleted = 0
    /// Bytes of all files of the tree.
    public var treeBytes: UInt64 = 0
    /// Bytes of the contents that were rebuilt.
    public var contentBytes: UInt64 = 0
    /// Bytes on the wire in both directions, handshake and padding included.
    public var wireBytes: UInt64 = 0
    /// Of these, bytes sent by this end.
    public var wireSent: UInt64 = 0
    /// Bytes of the sealed frames of the data plane.
    public var dataPlaneBytes: UInt64 = 0
    /// Leaves repaired.
    public var leavesRepaired = 0
    /// Bytes that crossed the repair plane.
    public var bytesRepaired: UInt64 = 0
    /// Extents of the receiver's replica that were healed, and that were lost.
    public var extentsHealed = 0
    /// Extents that could not be healed and were dropped.
    public var extentsLost = 0
    /// Bytes that both ends learned.
    public var bytesLearned: UInt64 = 0
    /// Seconds spent planning (scanning, matching, compressing) at the sender; zero at a receiver.
    public var planSeconds = 0.0
    /// Seconds from connecting to the sealed end.
    public var totalSeconds = 0.0
    /// What protected the payloads.
    public var protection = ProtectionKind.aead
    /// What this end used of a pad, if one did.
    public var pad: PadUse?
    /// What was not transferred, or not fully.
    public var warnings: [TransferWarning] = []
    /// Of a dry run: what would be written, and, at the end that would do it, what would be deleted.
    public var changes: [PathChange] = []
    /// SHA-256 of each committed file, if asked for, in the order of their paths.
    public var digests: [FileDigest] = []

    /// All zero.
    public init() {}
}

extension TransferSummary {
    /// Counts what another session did as well.
    mutating func extend(by part: TransferSummary) {
        contentBytes += part.contentBytes
        wireBytes += part.wireBytes
        wireSent += part.wireSent
        dataPlaneBytes += part.dataPlaneBytes
        leavesRepaired += part.leavesRepaired
        bytesRepaired += part.bytesRepaired
        extentsHealed += part.extentsHealed
        extentsLost += part.extentsLost
        bytesLearned += part.bytesLearned
        planSeconds += part.planSeconds
        totalSeconds += part.totalSeconds
        warnings += part.warnings
    }
}
