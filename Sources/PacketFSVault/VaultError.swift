/// Why a seed could not be reached, kept or handed over. Carries no content.
package enum VaultError: Error, Equatable, Sendable {
    /// No file is there.
    case notFound
    /// Something is there already; seeds are never overwritten.
    case alreadyExists
    /// Group or others may read or write the file.
    case readableByOthers
    /// The file belongs to another user.
    case foreignOwner
    /// A link, folder or device, or a file with more names than one.
    case notAPlainFile
    /// The file is not of this format, was cut, or does not match its own check value.
    case malformed
    /// The file is of a version that this program does not know.
    case unknownVersion
    /// The two parties that the file names are the same.
    case sameParties
    /// The system refused, with this `errno`.
    case system(Int32)
}
