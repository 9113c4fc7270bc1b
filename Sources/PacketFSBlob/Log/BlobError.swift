import Glibc

/// Why a blob file could not be used. Carries no path and no content.
package enum BlobError: Error, Equatable, Sendable {
    /// No space, or the quota is used up.
    case diskFull
    /// The file system is mounted read-only.
    case readOnly
    /// There is no such file, and it was not to be made.
    case missing
    /// The system refuses access.
    case denied
    /// Not a regular file.
    case notAFile
    /// Owned by another user, or open to the group or to others: its bytes are not trusted.
    case notPrivate
    /// A range is empty, or reaches beyond `Limits`.
    case outOfBounds
    /// The file system, or a limit of this process, ends before that address.
    case tooLarge
    /// A range was written or held before: addresses are never used twice.
    case overlap
    /// More extents than `Limits.extents`.
    case tooManyExtents
    /// A source ended before its announced length.
    case sourceChanged
    /// The machine does not have what the arena requires.
    case unattainable(Residency.Part)
    /// Any other error of the system, by its number.
    case system(Int32)

    init(errno number: Int32) {
        self =
            switch number {
            case ENOSPC, EDQUOT: .diskFull
            case EROFS: .readOnly
            case ENOENT, ENOTDIR: .missing
            case EACCES, EPERM: .denied
            case ELOOP, EISDIR, ENXIO: .notAFile
            case EFBIG, EINVAL, EOVERFLOW: .tooLarge
            default: .system(number)
            }
    }
}
