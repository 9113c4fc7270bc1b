/// Something of a tree that does not travel, or not whole. The rest does.
package struct ScanProblem: Equatable, Sendable {
    package enum Reason: Equatable, Sendable {
        /// A folder that could not be listed: what is in it is missing, so nothing may be deleted because of it.
        case folderUnreadable(errno: Int32)
        /// An entry that could not be looked at.
        case unreadable(errno: Int32)
        /// A device, socket or pipe.
        case unsupportedKind
        /// Longer than `Limits.path`.
        case pathTooLong
        /// A file of more bytes than `Limits.fileSize`.
        case tooLarge
        /// An extended attribute beyond `Limits`, not named in UTF-8, or not readable; the entry travels without it.
        case attribute
        /// Another source brought an entry of that path; the first one travels.
        case duplicate
    }

    /// Path in the manifest.
    package var path: [UInt8]
    package var reason: Reason

    package init(path: [UInt8], reason: Reason) {
        self.path = path
        self.reason = reason
    }
}
