/// Why a seed could not be reached, kept or handed over. Carries no content.
package enum VaultError: Error, Equatable, Sendable {
    /// Nothing is there.
    case notFound
    /// What the place lies in is not there: the token, the stick, the other login's keyring.
    case unreachable
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
    /// A sealed file asks for more work or memory than is ever spent on one, or for less.
    case costOutOfBounds
    /// The two parties that the file names are the same.
    case sameParties

    /// Not a URI of a vault, or one with a part that is not taken.
    case badURI(VaultURI.Defect)
    /// A passphrase or a PIN is needed, and nobody was there to give it.
    case secretNeeded
    /// The passphrase or the PIN is wrong.
    case wrongSecret
    /// The time of a key in the kernel's keyring is over.
    case expired
    /// systemd passed no credentials to this process.
    case noCredentials
    /// The place is filled by somebody else; what goes there is written to a file first.
    case notOurs

    /// The seed cannot leave its token.
    case notExtractable
    /// The key in the token could leave it, or serves other purposes too.
    case notConfined
    /// More tokens, or more keys, than one fit the URI.
    case ambiguous
    /// The token is locked after wrong PINs, or its PIN must be set first.
    case tokenLocked
    /// The module cannot be loaded, or lacks a function.
    case moduleUnusable
    /// The token refused, with this `CKR_` value.
    case token(UInt)

    /// The system refused, with this `errno`.
    case system(Int32)
}
