import PacketFSWire

extension Rebuilder {
    /// Starts writing as soon as manifest and origins are known and the manifest is journalled.
    func begin() throws(RebuildError) -> RebuildStep {
        guard let table, let origins, mayWrite, files == nil else { return .none }
        let split = try FileOrigins(origins, in: table.manifest)
        let stage = FileStage(site: site, table: table, resuming: setup.resuming)
        guard !setup.options.isDryRun else { return try beginDry(stage, split) }
        guard stage.announce(split.sent) == progress.announced else { throw .wrongLength }
        for failed in droppedEarly where !table.manifest.entries.indices.contains(failed.entry) { throw .outOfOrder }
        try stage.prepare(sent: split.sent)
        let lacking = try lacking(of: split.kept, in: table)
        files = stage
        learnedPlaces.placeEarly(in: stage)
        for failed in droppedEarly { try stage.drop(failed) }
        try stage.putEmpty(split.sent + lacking)
        try deliverEarly()
        wanted = lacking.filter { table.manifest.entries[$0].size > 0 }
        return wanted.isEmpty ? .none : .wanted(wanted)
    }

    private func beginDry(_ stage: FileStage, _ split: FileOrigins) throws(RebuildError) -> RebuildStep {
        files = stage
        let lacking = try lacking(of: split.kept, in: stage.table)
        wouldWrite = (split.sent + lacking).sorted()
        return .none
    }

    private func lacking(of kept: [KeptClaim], in table: EntryTable) throws(RebuildError) -> [Int] {
        try KeptCheck(site: site, table: table).lacking(of: kept, in: setup.snapshot)
    }

    /// Leaves that were verified before the manifest was.
    private func deliverEarly() throws(RebuildError) {
        for id in pending.ids {
            guard let leaf = pending[id], leaf.isVerified, let place = contentLeaves?.place(of: id.index) else {
                continue
            }
            _ = try deliver(id, try pending.read(leaf, into: waiting), at: place, inPlace: [])
            pending.remove(id)
        }
    }
}

/// The file entries of a manifest by where their content comes from, each ascending.
struct FileOrigins {
    private(set) var sent: [Int] = []
    private(set) var kept: [KeptClaim] = []

    /// Throws `wrongLength` unless there is one origin for each file entry.
    init(_ origins: [Origin], in manifest: Manifest) throws(RebuildError) {
        let files = manifest.entries.indices.filter { manifest.entries[$0].kind == .file }
        guard files.count == origins.count else { throw .wrongLength }
        for (entry, origin) in zip(files, origins) {
            switch origin {
            case .sent: sent.append(entry)
            case .kept(let version): kept.append(KeptClaim(entry: entry, version: version))
            }
        }
    }
}
