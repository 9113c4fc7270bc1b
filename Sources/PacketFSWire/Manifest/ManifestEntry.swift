/// What a manifest entry is.
package enum EntryKind: UInt8, Sendable, CaseIterable {
    case file = 0
    case folder = 1
    case symlink = 2
    /// Another name of an earlier file entry of the same manifest.
    case hardLink = 3
}

/// Seconds and nanoseconds since 1970, UTC.
package struct FileTime: Equatable, Hashable, Sendable {
    package var seconds: Int64
    /// 0 to 999,999,999.
    package var nanoseconds: UInt32

    package init(seconds: Int64, nanoseconds: UInt32) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }
}

/// One extended attribute of the `user.` namespace.
package struct ExtendedAttribute: Equatable, Hashable, Sendable {
    package var name: String
    package var value: [UInt8]

    package init(name: String, value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

/// One file, folder or link of a tree. Paths are bytes, relative to the root, components joined by `/`.
/// The root folder itself, where it travels, is the entry with the empty path and stands first.
package struct ManifestEntry: Equatable, Sendable {
    package var path: [UInt8]
    package var kind: EntryKind
    /// Permission bits, 0 to 0o7777.
    package var mode: UInt16
    package var modified: FileTime
    package var owner: UInt32
    package var group: UInt32
    /// Files only, in bytes; else 0.
    package var size: UInt64
    /// Files only: whether runs of zeros are to become holes.
    package var isSparse: Bool
    /// Symlinks only: what it points at, as bytes.
    package var target: [UInt8]
    /// Hard links only: the index of the file entry that it names.
    package var linked: Int
    package var attributes: [ExtendedAttribute]

    package init(
        path: [UInt8], kind: EntryKind, mode: UInt16, modified: FileTime, owner: UInt32 = 0, group: UInt32 = 0,
        size: UInt64 = 0, isSparse: Bool = false, target: [UInt8] = [], linked: Int = 0,
        attributes: [ExtendedAttribute] = []
    ) {
        self.path = path
        self.kind = kind
        self.mode = mode
        self.modified = modified
        self.owner = owner
        self.group = group
        self.size = size
        self.isSparse = isSparse
        self.target = target
        self.linked = linked
        self.attributes = attributes
    }
}

/// A tree: entries in strictly ascending path order (compared component by component, so that a folder stands right
/// before what is in it and everything beneath it is one run).
package struct Manifest: Equatable, Sendable {
    package var entries: [ManifestEntry]

    package init(entries: [ManifestEntry]) {
        self.entries = entries
    }
}

/// Where the content of a file entry comes from in this transfer.
package enum Origin: Equatable, Sendable {
    /// In the content stream.
    case sent
    /// The sender believes that the receiver committed it in an earlier transfer, and it is unchanged since.
    case kept(TransferID)
}

extension [Origin] {
    /// The transfer after which a tree of these origins is known to stand as it is, once `transfer` is done: that one; but
    /// if it brought no file, and all are called kept from one transfer, still the latter, and nothing is to be remembered
    /// anew.
    package func standing(after transfer: TransferID) -> TransferID {
        var one: TransferID?
        for origin in self {
            guard case .kept(let version) = origin, version == one ?? version else { return transfer }
            one = version
        }
        return one ?? transfer
    }
}
