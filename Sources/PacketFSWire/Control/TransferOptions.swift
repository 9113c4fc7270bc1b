/// What a transfer asks of its receiver, beside the files.
package struct TransferOptions: Equatable, Sendable {
    /// Delete what stands beneath the destination and is not in the manifest.
    package var deletes = false
    /// Report what would be done, and write nothing.
    package var isDryRun = false
    /// Trust no stat cache: rebuild and compare every file.
    package var checksums = false
    /// Set-user-id, set-group-id bits as they are at the source; else they are dropped.
    package var keepsSpecialModes = false
    /// Owner and group, where the receiver has the privilege.
    package var keepsOwner = true
    /// Both ends learn the bytes that the blob lacked.
    package var learns = true
    /// SHA-256 of each file is reported in the result.
    package var digests = false
    /// The one source is a file (or link) and the destination may be its new name.
    package var isSingleFile = false
    /// What `deletes` leaves alone, as glob patterns.
    package var excludes: [String] = []

    package init() {}

    /// Whether these patterns are within their bounds, and leave room for the rest of an offer, which is one message.
    package static func canSpare(_ patterns: [String]) -> Bool {
        let bytes = patterns.reduce(0) { $0 + $1.utf8.count + 2 }
        return bytes <= Limits.payload - 2 * Limits.path && (try? ExcludeList(patterns)) != nil
    }
}
