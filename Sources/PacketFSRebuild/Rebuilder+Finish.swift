import Crypto
import PacketFSBlob
package import PacketFSWire

/// A transfer that is durable.
package struct FinishedTransfer: Sendable {
    package var receipt: Receipt
    /// What this machine now has at this destination.
    package var snapshot: Snapshot
    package var healed: [Extent]
    /// Extents that are damaged and could not be healed: the replica no longer holds them.
    package var lost: [Extent]
    /// SHA-256 of each committed or kept file, by entry, where the options ask for it.
    package var digests: [Int: [UInt8]]
    /// Of a dry run: files and links that would be written, by entry, and the paths that would be removed.
    package var wouldWrite: [Int] = []
    package var wouldRemove: [[UInt8]] = []
    /// What should have been deleted, and is still there.
    package var undeleted: [(path: [UInt8], failure: EntryFailure)] = []
}

extension Rebuilder {
    /// Commits the rest: files, links, deletions, then folders; returns once all of it is durable.
    package func finish() throws(RebuildError) -> FinishedTransfer {
        guard isComplete, let table, let files else { throw .outOfOrder }
        if setup.options.isDryRun { return try finishDry(table) }
        try files.commitAll()
        try LinkMaker(site: site, table: table).makeAll()
        try Deleter(site: site, table: table).deleteAll()
        try FolderMaker(site: site, table: table).finishAll()
        try site.syncFolders()
        let learned = try learner?.finish() ?? []
        learner = nil
        let (healed, lost) = try healing?.heal() ?? ([], [])
        let receipt = Receipt(
            transfer: setup.transfer, filesWritten: table.filesWritten, filesKept: table.filesKept,
            deleted: table.deleted, bytesWritten: table.bytesWritten, leavesRepaired: progress.leavesRepaired,
            bytesRepaired: bytesRepaired, extentsHealed: healed.count, extentsLost: lost.count,
            failures: table.failedEntries, learned: learned)
        return FinishedTransfer(
            receipt: receipt, snapshot: snapshot(of: table), healed: healed, lost: lost,
            digests: setup.options.digests ? digests(of: table) : [:], undeleted: table.undeleted)
    }

    /// Gives the transfer up for good: removes what is not committed.
    package func abandon() throws(RebuildError) {
        guard !setup.options.isDryRun else { return }
        try files?.abandon()
    }

    private func finishDry(_ table: EntryTable) throws(RebuildError) -> FinishedTransfer {
        let links = LinkMaker(site: site, table: table).countAll()
        let written = try displaceDry(for: (wouldWrite + links).sorted(), table)
        table.filesWritten = written.count
        try Deleter(site: site, table: table).deleteAll()
        let receipt = Receipt(
            transfer: setup.transfer, filesWritten: table.filesWritten, filesKept: table.filesKept,
            deleted: table.deleted, failures: table.failedEntries)
        return FinishedTransfer(
            receipt: receipt, snapshot: setup.snapshot ?? Snapshot(), healed: [], lost: [], digests: [:],
            wouldWrite: written, wouldRemove: site.doomed, undeleted: table.undeleted)
    }

    /// Folders would give way to some entries, or not: returns those that would be written.
    private func displaceDry(for entries: [Int], _ table: EntryTable) throws(RebuildError) -> [Int] {
        let replacer = Replacer(site: site, table: table)
        for entry in entries {
            guard let path = EntryPath(table.manifest.entries[entry].path) else { continue }
            try table.attempt(entry) { () throws(FileFault) in try replacer.displaceDry(path) }
        }
        return entries.filter { table[$0] != .failed }
    }

    func snapshot(of table: EntryTable) -> Snapshot {
        let found = table.manifest.entries
        var entries: [Snapshot.Entry] = []
        entries.reserveCapacity(found.count)
        // What was wanted is sent, and its sender knows.
        let standing = wanted.isEmpty ? origins?.standing(after: setup.transfer) : setup.transfer
        for index in found.indices where found[index].kind == .file {
            // What lacks only metadata is here all the same, and as the sender remembers it.
            guard table.failures[index] ?? .metadata == .metadata, let stat = table.stats[index] else { continue }
            let version = table.origins[index] ?? setup.transfer
            entries.append(
                Snapshot.Entry(path: found[index].path, stat: stat, version: version, confirmed: standing ?? version))
        }
        return Snapshot(entries: entries)
    }

    private func digests(of table: EntryTable) -> [Int: [UInt8]] {
        let block = Block(byteCount: 1 << 20)
        var digests: [Int: [UInt8]] = [:]
        for (index, entry) in table.manifest.entries.enumerated() where table.stats[index] != nil {
            guard let path = EntryPath(entry.path), let folder = try? site.folder(at: path.folder),
                let file = try? folder.open(path.name)
            else { continue }
            digests[index] = digest(of: file, through: block)
        }
        return digests
    }

    private func digest(of file: OpenFile, through block: Block) -> [UInt8]? {
        var hash = SHA256()
        var offset: UInt64 = 0
        while true {
            guard let count = try? file.read(into: block.all, at: offset) else { return nil }
            if count == 0 { return Array(hash.finalize()) }
            hash.update(bufferPointer: UnsafeRawBufferPointer(block.prefix(count)))
            offset += UInt64(count)
        }
    }
}
