import PacketFSWire

/// Takes verified runs of the content stream to the files that they belong to, and whole files to their commit.
final class FileStage {
    let site: Site
    let table: EntryTable
    private var writer: FileWriter
    private var committer: Committer
    /// One for each run of the content stream.
    private var maps: [StreamMap] = []
    /// New files that are written together: a leaf may hold the bytes of a million.
    private static let together = 4096
    private static let manyFiles = 1024

    init(site: Site, table: EntryTable, resuming: RebuildSetup.Interrupted?) {
        self.site = site
        self.table = table
        let leftovers = resuming.map { Leftovers($0) }
        writer = FileWriter(site: site, table: table, leftovers: leftovers)
        committer = Committer(site: site, table: table)
    }

    /// Adds a run of the stream that carries these file entries; returns its bytes, `nil` if they are too many.
    func announce(_ files: [Int]) -> UInt64? {
        guard let map = try? StreamMap(files, in: table.manifest) else { return nil }
        maps.append(map)
        return map.length
    }

    /// Makes the folders, and takes over what an interrupted transfer left.
    func prepare(sent: [Int]) throws(RebuildError) {
        try FolderMaker(site: site, table: table).makeAll()
        try writer.adoptLeftovers(sent: sent)
    }

    /// Files without bytes are whole at once.
    func putEmpty(_ files: [Int]) throws(RebuildError) {
        let empty = files.filter { table.manifest.entries[$0].size == 0 && table[$0] == .waiting }
        let new = empty.lazy.filter { self.isNew($0) }.map { Segment(entry: $0, offset: 0, range: 0..<0) }
        try putNew(new, of: UnsafeRawBufferPointer(start: nil, count: 0))
        for entry in empty where table[entry] == .waiting {
            try take(entry) { () throws(FileFault) in try self.writer.putEmpty(entry) }
        }
    }

    /// Reads what the destination has already of the stream's bytes; returns what of the target it read, ascending.
    func read(
        at place: LeafSequence.Place, plus offset: Int, into target: UnsafeMutableRawBufferPointer
    ) -> [Range<Int>] {
        guard maps.indices.contains(place.run) else { return [] }
        var ranges: [Range<Int>] = []
        for segment in maps[place.run].segments(at: place.offset + UInt64(offset), count: target.count)
        where writer.read(segment.entry, at: segment.offset, into: target.part(segment.range)) {
            ranges.extend(by: segment.range)
        }
        return ranges
    }

    /// The first and the last file of which the stream has bytes there.
    func entries(at place: LeafSequence.Place, _ range: Range<Int>) -> ClosedRange<Int>? {
        guard maps.indices.contains(place.run) else { return nil }
        let segments = maps[place.run].segments(at: place.offset + UInt64(range.lowerBound), count: range.count)
        guard let first = segments.first?.entry, let last = segments.last?.entry else { return nil }
        return first...last
    }

    func put(
        _ bytes: UnsafeRawBufferPointer, at place: LeafSequence.Place, inPlace: [Range<Int>]
    ) throws(RebuildError) {
        guard maps.indices.contains(place.run) else { throw .outOfOrder }
        let segments = maps[place.run].segments(at: place.offset, count: bytes.count)
        if committer.isFull { try committer.flush() }
        try putNew(segments.lazy.filter { self.isNew($0.entry) && self.isWhole($0) }, of: bytes)
        for segment in segments where table[segment.entry] == .waiting {
            let start = segment.range.lowerBound
            let held = inPlace.overlapping(segment.range).map { range in
                let part = range.clamped(to: segment.range)
                return part.lowerBound - start..<part.upperBound - start
            }
            try take(segment.entry) { () throws(FileFault) in
                try self.writer.put(
                    bytes.part(segment.range), of: segment.entry, at: segment.offset, inPlace: held)
            }
        }
    }

    /// Keeps what came of a leaf that is not whole, for who resumes. What cannot be kept is only sent again.
    ///
    /// - Parameters:
    ///   - offset: of `bytes` in the leaf.
    ///   - inPlace: ranges of `bytes` that are there already.
    func keep(
        _ bytes: UnsafeRawBufferPointer, at place: LeafSequence.Place, plus offset: Int = 0,
        inPlace: [Range<Int>] = [], areVerified: Bool
    ) {
        guard maps.indices.contains(place.run) else { return }
        let segments = maps[place.run].segments(at: place.offset + UInt64(offset), count: bytes.count)
        let lacking = segments.lazy.filter { segment in
            self.table[segment.entry] == .waiting
                && !inPlace.overlapping(segment.range).contains { $0.contains(segment.range) }
        }
        for segment in lacking.prefix(Self.together) {
            try? writer.keep(
                bytes.part(segment.range), of: segment.entry, at: segment.offset, areVerified: areVerified)
        }
    }

    /// Whether to put the leaf that lies there may take longer than its sender waits for a word: it syncs what came before,
    /// or has bytes of many files.
    func takesLong(at place: LeafSequence.Place) -> Bool {
        committer.isFull || (entries(at: place, 0..<place.length)?.count ?? 0) > Self.manyFiles
    }

    private func isNew(_ entry: Int) -> Bool {
        table[entry] == .waiting && !table.manifest.entries[entry].isSparse && writer.isNew(entry)
    }

    private func isWhole(_ segment: Segment) -> Bool {
        let size = table.manifest.entries[segment.entry].size
        return size == segment.range.count && size <= NewFile.size
    }

    /// Whole files of which nothing is there yet.
    private func putNew(_ segments: some Sequence<Segment>, of bytes: UnsafeRawBufferPointer) throws(RebuildError) {
        var next: [Segment] = []
        for segment in segments {
            next.append(segment)
            guard next.count == Self.together else { continue }
            try putTogether(next, of: bytes)
            next.removeAll(keepingCapacity: true)
        }
        try putTogether(next, of: bytes)
    }

    private func putTogether(_ segments: [Segment], of bytes: UnsafeRawBufferPointer) throws(RebuildError) {
        let (rules, entries) = (site.rules, table.manifest.entries)
        // They are read until all is done.
        nonisolated(unsafe) let bytes = bytes
        let outcomes = site.outcomes(of: segments) { segment, folders throws(FileFault) in
            try NewFile(segment.entry, entries[segment.entry], bytes.part(segment.range), in: &folders, rules)
        }
        for (segment, outcome) in zip(segments, outcomes) {
            guard let outcome else { continue }
            try table.attempt(segment.entry) { () throws(FileFault) in
                committer.add(segment.entry, try outcome.get())
            }
            if table[segment.entry] == .failed { try discard(segment.entry) }
        }
    }

    /// Gives an entry up.
    func drop(_ failed: FailedEntry) throws(RebuildError) {
        table.fail(failed.entry, failed.failure)
        if !site.options.isDryRun { try discard(failed.entry) }
    }

    func commitAll() throws(RebuildError) {
        try committer.flush()
    }

    /// Removes all that is not whole or not committed.
    func abandon() throws(RebuildError) {
        for entry in table.manifest.entries.indices where table[entry] == .waiting || table[entry] == .staged {
            try discard(entry)
        }
    }

    private func take(_ entry: Int, _ put: () throws(FileFault) -> FileWriter.Whole?) throws(RebuildError) {
        try table.attempt(entry) { () throws(FileFault) in
            if let whole = try put() { try committer.add(entry, whole) }
        }
        if table[entry] == .failed { try discard(entry) }
    }

    private func discard(_ entry: Int) throws(RebuildError) {
        try table.attempt(entry) { () throws(FileFault) in try writer.discard(entry) }
    }
}
