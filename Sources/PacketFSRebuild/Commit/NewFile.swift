import Glibc
import PacketFSWire

/// A small file that is written at once, under its temporary name: every byte of it is there, and verified.
struct NewFile {
    /// Bytes at most.
    static let size: UInt64 = 1 << 18

    /// What it was in the end.
    let stat: StatKey
    private(set) var hasMetadata = true

    init(
        _ number: Int, _ entry: ManifestEntry, _ bytes: UnsafeRawBufferPointer, in folders: inout FolderCache,
        _ rules: SiteRules
    ) throws(FileFault) {
        guard let path = EntryPath(entry.path) else { throw .system(EXDEV) }
        let file = try rules.calls.create(rules.names.name(of: number), in: folders.folder(at: path.folder))
        try rules.calls.write(bytes, to: file, at: 0)
        try MetadataWriter(rules: rules, entry: entry).apply(to: file, isNew: true, isWhole: &hasMetadata)
        stat = try file.status().key
    }
}
