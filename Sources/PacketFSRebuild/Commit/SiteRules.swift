import PacketFSWire

/// What of a destination stays as it is while files are written: may be used on several threads.
struct SiteRules: Sendable {
    let calls: FileCalls
    let options: TransferOptions
    let names: TempNames
    /// Whether owners can be set.
    let setsOwner: Bool

    /// Whether mode, time and owner are what the entry asks for.
    func isRight(_ status: FileStatus, for entry: ManifestEntry) -> Bool {
        status.permissions == mode(of: entry) && status.key.modified == entry.modified
            && !ownerDiffers(status, from: entry)
    }

    /// Whether the entry's owner is to be set.
    func ownerDiffers(_ status: FileStatus, from entry: ManifestEntry) -> Bool {
        setsOwner && (status.owner != entry.owner || status.group != entry.group)
    }

    /// The permission bits that an entry gets.
    func mode(of entry: ManifestEntry) -> UInt16 {
        options.keepsSpecialModes ? entry.mode & 0o7777 : entry.mode & 0o1777
    }
}
