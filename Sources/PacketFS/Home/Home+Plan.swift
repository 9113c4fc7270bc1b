import PacketFSBlob
import PacketFSChannel
import PacketFSPlan
import PacketFSWire

extension Home {
    /// Plans a transfer against what the peer is known to hold, and sends nothing. What a transfer would learn lies in our
    /// log meanwhile.
    public func plan(
        _ sources: [String], for destination: PeerPath, options: SendOptions = SendOptions()
    ) throws -> PlanExplanation {
        try explained {
            try options.checkExcludes()
            let domain = try domain(of: record(named: destination.peer))
            let own = try domain.openOwn()
            var job = SendJob(sources: sources, destination: destination.path, options: options)
            job.options.isDryRun = false
            let tree = try job.scan()
            let journal = TransferJournal(sendingTo: job.destination, in: domain)
            let origins = Origins.choose(for: tree, from: try journal.snapshot(), checksums: options.checksums)
            var planOptions = job.planOptions
            planOptions.reportsFiles = true
            // A transfer finds again what it learned on the way.
            var reserved: [AddressRange] = []
            defer { try? own.undo(reserved) }
            let known = try own.holdings()
            let planner = try Planner(
                transfer: .random(), tree: tree, origins: origins,
                runs: RunSet(options.matches ? known.runs : []), isHistory: known.transferCount > 1, log: own.log,
                index: own.index, tagger: Untagged(), options: planOptions,
                reserve: { bytes in
                    let range = try own.reserve(bytes)
                    reserved.append(range)
                    return range
                })
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
        items = Self.items(of: tree, origins, report, descriptorBytes)
    }

    /// The manifest and the files, with their shares of the descriptors.
    private static func items(
        of tree: ScannedTree, _ origins: [Origin], _ report: PlanReport, _ descriptorBytes: UInt64
    ) -> [Item] {
        var descriptors = Sharing(descriptorBytes, among: report.manifest.descriptors + report.content.descriptors)
        let shares = Dictionary(report.files.map { ($0.entry, $0) }) { first, _ in first }
        var origins = origins.makeIterator()
        var manifest = FileReport(entry: 0)
        manifest.bytes = report.manifest.bytes
        manifest.descriptors = report.manifest.descriptors
        manifest.differences = report.manifest.differences
        manifest.codedLiterals = report.manifest.codedLiterals
        manifest.tags = report.manifest.tags
        var items = [Item("", report.manifest.bytes.total, manifest, &descriptors, isKept: false)]
        for (index, entry) in tree.manifest.entries.enumerated() where entry.kind == .file {
            let path = String(path: entry.path)
            let share = shares[index] ?? FileReport(entry: index)
            items.append(Item(path, entry.size, share, &descriptors, isKept: origins.next() != .sent))
        }
        return items
    }
}

extension PlanExplanation.Item {
    fileprivate init(
        _ path: String, _ size: UInt64, _ share: FileReport, _ descriptors: inout Sharing, isKept: Bool
    ) {
        self.init(
            path: path, size: size, copied: share.bytes.copied, added: share.bytes.added, filled: share.bytes.filled,
            literal: share.bytes.literal, descriptorBytes: descriptors.share(of: share.descriptors),
            differenceBytes: share.differences, literalBytes: share.codedLiterals, tagBytes: share.tags, isKept: isKept)
    }
}
