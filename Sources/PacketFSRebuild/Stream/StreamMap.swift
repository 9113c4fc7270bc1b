import PacketFSWire

/// A file's part in a leaf.
struct Segment: Equatable {
    let entry: Int
    /// Offset in the file.
    let offset: UInt64
    /// Bytes of the leaf.
    let range: Range<Int>
}

/// Where the files lie in a run of the content stream.
struct StreamMap {
    /// File entries that have bytes, in stream order, and where each starts.
    private let entries: [Int]
    private let starts: [UInt64]
    let length: UInt64

    /// Throws `wrongLength` if the sizes add up to more than any stream may have.
    init(_ files: [Int], in manifest: Manifest) throws(RebuildError) {
        var entries: [Int] = []
        var starts: [UInt64] = []
        var end: UInt64 = 0
        for entry in files {
            let size = manifest.entries[entry].size
            guard size <= Limits.fileSize, end <= UInt64(Int64.max) - size else { throw .wrongLength }
            guard size > 0 else { continue }
            entries.append(entry)
            starts.append(end)
            end += size
        }
        self.entries = entries
        self.starts = starts
        length = end
    }

    /// What lies at `offset` and the `count` bytes from there on, which must lie within the run.
    func segments(at offset: UInt64, count: Int) -> [Segment] {
        guard count > 0, offset < length else { return [] }
        var index = self.index(at: offset)
        var segments: [Segment] = []
        var done = 0
        while done < count, index < entries.count {
            let position = offset + UInt64(done)
            let end = index + 1 < starts.count ? starts[index + 1] : length
            let take = Int(min(UInt64(count - done), end - position))
            segments.append(
                Segment(entry: entries[index], offset: position - starts[index], range: done..<done + take))
            done += take
            index += 1
        }
        return segments
    }

    private func index(at offset: UInt64) -> Int {
        starts.partitionPoint { $0 <= offset } - 1
    }
}
