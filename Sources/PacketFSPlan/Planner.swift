package import PacketFSBlob
package import PacketFSWire

/// Plans one transfer, record by record (`Specs/blueprint.md` §3). It reads the sources as it goes and, if asked to,
/// learns: it writes to the log what the blob lacked, before the record that says so is handed out.
///
/// Not `Sendable`: one task plans.
package final class Planner {
    private enum Phase {
        case opening
        case manifest
        case origins
        case content
    }

    /// Bytes of a leaf travel under a tag that is made last, for plans may be older than the session.
    private struct Planned {
        var step: PlanStep
        var content: [UInt8] = []
    }

    /// Steps that are planned before there is a session: the opening, a leaf of the manifest, the origins, one of the
    /// content.
    private static let prepared = 4

    /// Bytes of the encoded manifest.
    package let manifestLength: UInt64
    /// What the plan came to so far.
    package private(set) var report = PlanReport()

    private let transfer: TransferID
    private let tree: ScannedTree
    private let options: PlanOptions
    /// Of the session that the records are for. To be set before the first is handed out.
    package var tagger: any LeafTagger
    private let manifest: [UInt8]
    /// Of each file entry, with the entry's number.
    private var files: [(entry: Int, origin: Origin)]
    private let held: [Int: UInt64]

    private var reader: SourceReader
    private var layout = StreamLayout()
    private var leaves: LeafPlanner
    private var manifestState = LeafPlanner.StreamState()
    private var contentState = LeafPlanner.StreamState()
    private let buffer = Block(byteCount: Limits.part)
    /// Memory of a leaf that was handed out, for the next one.
    private var spare: [UInt8] = []

    private var phase = Phase.opening
    private var nextLeaf: UInt64 = 0
    /// Of the content stream: the one that was announced last.
    private var chapter = 0
    private var queue: [Planned] = []
    private var missing: UInt64 = 0
    private var provenance = Provenance()

    /// - Parameters:
    ///   - origins: of each file entry, in manifest order, as `Origins.choose` gives them.
    ///   - held: for entries that are sent, how many of their first bytes the receiver has from an interrupted transfer.
    ///   - runs: what the receiver acknowledged of the log.
    ///   - isHistory: several transfers brought that. Then leaves are kept whole that would else be scattered over what
    ///     each of them brought.
    ///   - reserve: reserves at least so many addresses of the log, durably, above all reserved before.
    package init(
        transfer: TransferID, tree: ScannedTree, origins: [Origin], held: [Int: UInt64] = [:], runs: RunSet,
        isHistory: Bool = false, log: Log?, index: MatchIndex?, tagger: any LeafTagger, options: PlanOptions,
        reserve: @escaping (Int) throws -> AddressRange
    ) throws(PlanError) {
        self.transfer = transfer
        self.tree = tree
        files = Self.files(of: tree, origins)
        self.held = held
        self.options = options
        self.tagger = tagger
        manifest = try tree.encodedManifest()
        manifestLength = UInt64(manifest.count)
        reader = SourceReader(tree: tree)
        let learns = options.learns && !options.isOffsetOnly
        leaves = try LeafPlanner(
            options: options, log: log, index: index, acknowledged: runs, isHistory: isHistory,
            learner: learns ? log.map { Learner(log: $0, index: index, acknowledged: runs, reserve: reserve) } : nil)
        contentLength = 0
        contentLength = layout.append(
            files.lazy.filter { $0.origin == .sent && !options.omitsContent }.map {
                ($0.entry, tree.size(of: $0.entry))
            })
    }

    /// Bytes of the content stream as the opening announces it, without what is wanted later.
    package private(set) var contentLength: UInt64

    private static func files(of tree: ScannedTree, _ origins: [Origin]) -> [(entry: Int, origin: Origin)] {
        let entries = tree.manifest.entries.indices.filter { tree.manifest.entries[$0].kind == .file }
        return entries.enumerated().map { ($1, $0 < origins.count ? origins[$0] : .sent) }
    }

    /// The next thing to send, `nil` once everything is planned; `want` may bring more.
    ///
    /// Throws `missingBytes` at the end of the content, if it is offset-only and bytes are missing.
    ///
    /// - Parameter pace: of the link, which decides how hard new content is compressed; `nil` if that is not known.
    package func next(pace: Pace? = nil) throws(PlanError) -> PlanStep? {
        leaves.pace = pace
        while queue.isEmpty {
            guard try advance() else { return nil }
        }
        return tagged(queue.removeFirst())
    }

    /// Plans the first steps, and hands none out. Throws as `next` does.
    package func prepare() throws(PlanError) {
        while queue.count < Self.prepared, try advance() {}
    }

    private func tagged(_ planned: Planned) -> PlanStep {
        guard case .record(.leaf(let leaf, var blueprint)) = planned.step else { return planned.step }
        blueprint.tag = planned.content.withUnsafeBytes { tagger.tag(leaf: leaf, bytes: $0) }
        // So many literals may be the content itself.
        if blueprint.literals.count < planned.content.count { spare = planned.content }
        return .record(.leaf(leaf, blueprint))
    }

    private func queue(_ step: PlanStep) {
        queue.append(Planned(step: step))
    }

    /// Queues what comes next, if anything does.
    private func advance() throws(PlanError) -> Bool {
        switch phase {
        case .opening:
            queue(.record(.opening(transfer, manifest: manifestLength, content: contentLength)))
            phase = .manifest
        case .manifest:
            let start = Int(nextLeaf) * Limits.leaf
            guard start < manifest.count else {
                nextLeaf = 0
                phase = .origins
                return true
            }
            try planManifestLeaf(start..<min(manifest.count, start + Limits.leaf))
        case .origins:
            queue(.record(.origins(files.map(\.origin))))
            phase = .content
        case .content:
            if let more = layout.chapterLength(chapter + 1), layout.firstLeaf(chapter + 1) == nextLeaf {
                chapter += 1
                leaves.cutExtent()
                queue(.record(.more(content: more)))
                return true
            }
            guard let range = layout.range(of: nextLeaf) else {
                if missing > 0 { throw .missingBytes(missing) }
                return false
            }
            try planContentLeaf(range)
        }
        return true
    }

    private func planManifestLeaf(_ range: Range<Int>) throws(PlanError) {
        let leaf = LeafID(.manifest, nextLeaf)
        let content = Array(manifest[range])
        let blueprint = try leaves.plan(
            content, held: [], ahead: UInt64(manifest.count - range.lowerBound), state: &manifestState)
        report.manifest.add(blueprint, steps: leaves.latestSteps)
        queue.append(Planned(step: .record(.leaf(leaf, blueprint)), content: content))
        nextLeaf += 1
    }

    private func planContentLeaf(_ range: Range<UInt64>) throws(PlanError) {
        let count = Int(range.upperBound - range.lowerBound)
        let before = reader.bytesRead
        var dropped: [FailedEntry] = []
        let content = content(of: count) { dropped = reader.read(range, of: layout, into: $0) }
        let isZero = reader.bytesRead == before
        report.bytesRead += reader.bytesRead - before
        report.dropped += dropped.count
        if !dropped.isEmpty { queue(.dropped(dropped)) }
        let leaf = LeafID(.content, nextLeaf)
        let blueprint = try leaves.plan(
            content, isZero: isZero, held: heldRanges(in: range),
            ahead: layout.length - range.lowerBound, state: &contentState)
        report.content.add(blueprint, steps: leaves.latestSteps)
        noteProvenance(of: blueprint, from: range.lowerBound)
        if options.reportsFiles || options.isOffsetOnly {
            report.add(blueprint, leaves.latestSteps, of: layout.parts(in: range), from: range.lowerBound)
        }
        nextLeaf += 1
        if options.isOffsetOnly { missing += UInt64(blueprint.literalLength) }
        if missing == 0 { queue.append(Planned(step: .record(.leaf(leaf, blueprint)), content: content)) }
    }

    /// So many bytes, as `fill` fills them.
    private func content(of count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) -> [UInt8] {
        guard spare.count >= count else {
            return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                fill(UnsafeMutableRawBufferPointer(buffer))
                initialized = count
            }
        }
        defer { spare = [] }
        spare.removeLast(spare.count - count)
        spare.withUnsafeMutableBytes(fill)
        return spare
    }

    /// What of a range the receiver holds, whatever number of files it is in.
    private func heldRanges(in range: Range<UInt64>) -> [Range<Int>] {
        guard !held.isEmpty else { return [] }
        var ranges: [Range<Int>] = []
        for part in layout.parts(in: range) {
            let end = part.start + min(part.size, held[part.entry] ?? 0)
            let lower = Int(max(part.start, range.lowerBound) - range.lowerBound)
            let upper = Int(min(max(end, range.lowerBound), range.upperBound) - range.lowerBound)
            if lower < upper { ranges.extend(by: lower..<upper) }
        }
        return ranges
    }

    private func noteProvenance(of blueprint: LeafBlueprint, from start: UInt64) {
        guard let address = blueprint.learnedAt, let stretch = blueprint.learnedStretch else { return }
        let parts = layout.parts(in: start + UInt64(stretch.lowerBound)..<start + UInt64(stretch.upperBound))
        guard let first = parts.first?.entry, let last = parts.last?.entry else { return }
        provenance.note(AddressRange(address: address, length: blueprint.learnedLength), entries: first...last)
    }
}

extension Planner {
    /// Plans the contents of these entries too: kept files that the receiver does not have, ascending. Throws
    /// `unknownEntry`, and plans none, if one is not a file that was kept.
    package func want(_ entries: [Int]) throws(PlanError) {
        var places: [Int] = []
        for entry in entries {
            guard let place = place(of: entry), files[place].origin != .sent,
                entry > places.last.map({ files[$0].entry }) ?? -1
            else { throw .unknownEntry }
            places.append(place)
        }
        for place in places { files[place].origin = .sent }
        _ = layout.append(entries.lazy.map { [tree] in ($0, tree.size(of: $0)) })
    }

    /// The origins as they came to be: `.sent` for what was wanted.
    package var origins: [Origin] { files.map(\.origin) }

    private func place(of entry: Int) -> Int? {
        let index = files.partitionPoint { $0.entry < entry }
        return index < files.count && files[index].entry == entry ? index : nil
    }

    /// The tags of the parts of a leaf that was planned, one after another. Reads the sources again; throws
    /// `sourceChanged` if they are not as they were.
    package func tags(of leaf: LeafID) throws(PlanError) -> [UInt8] {
        var tags: [UInt8] = []
        for part in 0..<(try partCount(of: leaf)) {
            let bytes = try read(part: part, of: leaf)
            tags.append(contentsOf: tagger.tag(part: part, of: leaf, bytes: bytes))
        }
        return tags
    }

    /// The bytes of one part of a leaf that was planned. Throws as `tags` does.
    package func part(_ part: Int, of leaf: LeafID) throws(PlanError) -> [UInt8] {
        let parts = 0..<(try partCount(of: leaf))
        guard parts.contains(part) else { throw .unknownLeaf }
        return [UInt8](try read(part: part, of: leaf))
    }

    /// Makes what was learned durable and returns its extents, ascending.
    package func finishLearning() throws(PlanError) -> [Extent] {
        try leaves.finishLearning()
    }

    /// The first and the last file of which a learned extent holds bytes, as entries; `nil` if it holds the manifest's.
    package func entries(of extent: Extent) -> ClosedRange<Int>? {
        provenance.entries(in: extent.range)
    }

    /// Takes the addresses that were reserved last and are in no record: the caller may release them.
    package func takeUnused() -> AddressRange? {
        leaves.takeUnused()
    }

    private func partCount(of leaf: LeafID) throws(PlanError) -> Int {
        let range = try range(of: leaf)
        return (Int(range.upperBound - range.lowerBound) + Limits.part - 1) / Limits.part
    }

    private func range(of leaf: LeafID) throws(PlanError) -> Range<UInt64> {
        switch leaf.stream {
        case .manifest:
            let (start, overflow) = leaf.index.multipliedReportingOverflow(by: UInt64(Limits.leaf))
            guard !overflow, start < manifestLength, phase != .manifest || leaf.index < nextLeaf, phase != .opening
            else { throw .unknownLeaf }
            return start..<min(manifestLength, start + UInt64(Limits.leaf))
        case .content:
            guard phase == .content, leaf.index < nextLeaf, let range = layout.range(of: leaf.index) else {
                throw .unknownLeaf
            }
            return range
        }
    }

    private func read(part: Int, of leaf: LeafID) throws(PlanError) -> UnsafeRawBufferPointer {
        let range = try range(of: leaf)
        let start = range.lowerBound + UInt64(part * Limits.part)
        let bytes = start..<min(range.upperBound, start + UInt64(Limits.part))
        let count = Int(bytes.upperBound - bytes.lowerBound)
        let target = buffer.prefix(count)
        switch leaf.stream {
        case .manifest:
            manifest.withUnsafeBytes {
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[Int(start)...].prefix(count)))
            }
        case .content:
            try reader.readAgain(bytes, leafStart: range.lowerBound, of: layout, into: target)
        }
        return UnsafeRawBufferPointer(target)
    }
}
