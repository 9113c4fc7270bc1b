internal import PacketFSBlob

/// Why a transfer cannot be planned. What concerns single entries of a tree is a `ScanProblem` or a dropped entry.
package enum PlanError: Error, Equatable, Sendable {
    /// A source path is empty, holds NUL, or is too long. The number is its place in the list.
    case badSource(Int)
    /// A source is not there, or cannot be looked at: its place in the list, and the system's error number.
    case sourceUnusable(Int, errno: Int32)
    /// More entries, or a longer manifest, than `Limits` allows.
    case tooManyEntries
    /// More extended attributes than a manifest can have.
    case tooManyAttributes
    /// Files of more bytes than a stream can have.
    case tooManyBytes
    /// The scan came to a tree that no manifest can have.
    case badTree
    /// With offset-only: bytes that the receiver does not hold. `Planner.report` tells where they are.
    case missingBytes(UInt64)
    /// A leaf cannot be read again as it was planned.
    case sourceChanged
    /// No leaf or part of that number was planned.
    case unknownLeaf
    /// An entry number that is not that of a file.
    case unknownEntry
    /// The blob could not be written, or no address be reserved in it.
    case blob
    /// No space is left for the blob.
    case diskFull
    /// Nobody wants it any more.
    case cancelled
    /// zstd refused to work: memory.
    case compression
}

extension PlanError {
    /// A failure of the log, or of reserving addresses in it.
    init(ofLog error: any Error) {
        switch error {
        case BlobError.diskFull, PlanError.diskFull: self = .diskFull
        default: self = .blob
        }
    }
}
