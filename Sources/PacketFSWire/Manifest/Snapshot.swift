/// What identifies an unchanged file to the one machine that took it. Times are the file system's.
package struct StatKey: Equatable, Hashable, Sendable {
    package var device: UInt64
    package var inode: UInt64
    package var size: UInt64
    package var modified: FileTime
    package var changed: FileTime

    package init(device: UInt64, inode: UInt64, size: UInt64, modified: FileTime, changed: FileTime) {
        self.device = device
        self.inode = inode
        self.size = size
        self.modified = modified
        self.changed = changed
    }

    /// Whether this is the same file, unchanged. A file system may have another device number once it is mounted again.
    package func isUnchanged(since earlier: StatKey) -> Bool {
        inode == earlier.inode && size == earlier.size && modified == earlier.modified && changed == earlier.changed
    }
}

/// One party's memory of a tree that it delivered or committed: the stat cache. Kept in the store, never sent.
package struct Snapshot: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package var path: [UInt8]
        /// Of the party's own file.
        package var stat: StatKey
        /// The transfer that carried this content, or as whose it was called kept last.
        package var version: TransferID
        /// The latest transfer after which this content stood here.
        package var confirmed: TransferID

        package init(path: [UInt8], stat: StatKey, version: TransferID, confirmed: TransferID) {
            self.path = path
            self.stat = stat
            self.version = version
            self.confirmed = confirmed
        }

        /// Whether a transfer may be believed to have left this content here. A sender that never had the receipt of the latest
        /// one calls it by an earlier.
        package func stood(after transfer: TransferID) -> Bool {
            transfer == confirmed || transfer == version
        }
    }

    /// File entries in manifest order.
    package var entries: [Entry]

    package init(entries: [Entry] = []) {
        self.entries = entries
    }
}
