import PacketFSWire

/// What has become of each entry of the manifest.
final class EntryTable {
    enum State: UInt8 {
        /// Not all of it is verified.
        case waiting
        /// Whole, under its temporary name.
        case staged
        /// Under its final name.
        case committed
        /// What stands there is right already.
        case kept
        case failed
    }

    let manifest: Manifest
    private(set) var states: [State]
    /// Of kept files.
    private(set) var origins: [TransferID?]
    private(set) var failures: [Int: EntryFailure] = [:]
    /// Of folders, by path.
    private var failedFolders: [[UInt8]: EntryFailure] = [:]
    /// Of committed and kept files.
    var stats: [StatKey?]
    var filesWritten = 0
    var filesKept = 0
    var deleted = 0
    /// What should have been deleted, and is still there.
    private(set) var undeleted: [(path: [UInt8], failure: EntryFailure)] = []
    var bytesWritten: UInt64 = 0

    init(_ manifest: Manifest) {
        self.manifest = manifest
        let count = manifest.entries.count
        states = [State](repeating: .waiting, count: count)
        origins = [TransferID?](repeating: nil, count: count)
        stats = [StatKey?](repeating: nil, count: count)
    }

    subscript(_ entry: Int) -> State {
        get { states[entry] }
        set { states[entry] = newValue }
    }

    /// Gives the entry up; what failed first counts.
    func fail(_ entry: Int, _ failure: EntryFailure) {
        states[entry] = .failed
        if failures[entry] == nil { failures[entry] = failure }
    }

    /// Reports a failure that leaves the entry where it is.
    func noteFailure(_ entry: Int, _ failure: EntryFailure) {
        if failures[entry] == nil { failures[entry] = failure }
    }

    /// Of all this only the folder's failure travels: a peer need not know what else stands here.
    func noteUndeleted(_ stuck: [(path: [UInt8], fault: FileFault)], in folder: Int) {
        undeleted += stuck.map { ($0.path, $0.fault.entryFailure) }
        if let first = stuck.first { noteFailure(folder, first.fault.entryFailure) }
    }

    func keep(_ entry: Int, version: TransferID, stat: StatKey) {
        states[entry] = .kept
        origins[entry] = version
        stats[entry] = stat
        filesKept += 1
    }

    /// Does `body`; a fault that concerns this entry alone is noted, any other is thrown on.
    func attempt(_ entry: Int, _ body: () throws(FileFault) -> Void) throws(RebuildError) {
        do throws(FileFault) {
            try body()
        } catch {
            if let fatal = error.fatal { throw fatal }
            fail(entry, failure(of: entry, error))
        }
    }

    /// Where the folder above could not be made, that is the reason.
    private func failure(of entry: Int, _ fault: FileFault) -> EntryFailure {
        let (path, kind) = (manifest.entries[entry].path, manifest.entries[entry].kind)
        let above = fault.isAbsence || fault.isNoFolder ? failedFolders[Array(path.parent)] : nil
        let failure = above ?? fault.entryFailure
        if kind == .folder { failedFolders[path] = failure }
        return failure
    }

    /// Does `body`; a fault that concerns this entry alone costs it only metadata.
    func attemptMetadata(_ entry: Int, _ body: () throws(FileFault) -> Void) throws(FileFault) {
        do throws(FileFault) {
            try body()
        } catch {
            if error.fatal != nil { throw error }
            noteFailure(entry, .metadata)
        }
    }

    var failedEntries: [FailedEntry] {
        failures.sorted { $0.key < $1.key }.map { FailedEntry(entry: $0.key, failure: $0.value) }
    }
}
