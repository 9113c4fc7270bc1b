import PacketFSBlob
import PacketFSChannel
import PacketFSPlan
import PacketFSWire

extension Home {
    /// Plans a transfer against what the peer is known to hold, and sends nothing.
    public func plan(
        _ sources: [String], for destination: PeerPath, options: SendOptions = SendOptions()
    ) throws -> PlanExplanation {
        try explained {
            let domain = try domain(of: record(named: destination.peer))
            let own = try domain.openOwn()
            var job = SendJob(sources: sources, destination: destination.path, options: options)
            job.options.learns = false
            job.options.offsetOnly = false
            job.options.isDryRun = false
            let tree = try job.scan()
            let journal = TransferJournal(sendingTo: job.destination, in: domain)
            let origins = Origins.choose(for: tree, from: try journal.snapshot(), checksums: options.checksums)
            var planOptions = job.planOptions
            planOptions.reportsFiles = true
            let planner = try Planner(
                transfer: .random(), tree: tree, origins: origins,
                runs: RunSet(options.matches ? own.holdings().runs : []), log: own.log, index: own.index,
                tagger: Untagged(), options: planOptions, reserve: { _ in throw PlanError.blob })
            return try PlanExplanation(drawing: planner, of: tree, origins: origins, padding: options.padding)
        }
    }
}

extension PlanExplanation {
    /// Runs the planner to its end and counts what it would send.
    fileprivate init(
        drawing planner: Planner, of tree: ScannedTree, origins: [Origin], padding: PaddingRule
    ) throws {
        recordBytes = try planner.recordBytes()
        let report = planner.report
        literalBytes = report.manifest.codedLiterals + report.content.codedLiterals
        tagBytes = report.manifest.tags + report.content.tags
        differenceBytes = report.manifest.differences + report.content.differences
        descriptorBytes = recordBytes - literalBytes - differenceBytes - tagBytes
        overheadBytes = DataFrames.count(for: recordBytes) * UInt64(Limits.frame - Limits.payload)
        let sealed = recordBytes + overheadBytes
        if padding == .padme { paddingBytes = Padding.padme(sealed) - sealed }
        items = [Item(manifest: report.manifest.bytes, size: planner.manifestLength)]
        let shares = Dictionary(report.files.map { ($0.entry, $0.bytes) }) { first, _ in first }
        var origins = origins.makeIterator()
        for (index, entry) in tree.manifest.entries.enumerated() where entry.kind == .file {
            let isKept = origins.next() != .sent
            items.append(Item(entry, shares[index] ?? PlanBytes(), isKept: isKept))
        }
    }
}

extension PlanExplanation.Item {
    fileprivate init(manifest bytes: PlanBytes, size: UInt64) {
        self.init(
            path: "", size: size, copied: bytes.copied, added: bytes.added, filled: bytes.filled,
            literal: bytes.literal, isKept: false)
    }

    fileprivate init(_ entry: ManifestEntry, _ bytes: PlanBytes, isKept: Bool) {
        self.init(
            path: String(decoding: entry.path, as: UTF8.self), size: entry.size, copied: bytes.copied,
            added: bytes.added, filled: bytes.filled, literal: bytes.literal, isKept: isKept)
    }
}
