internal import PacketFSWire

/// Where the contents of files lie in the content stream, and how the stream is cut into leaves.
struct StreamLayout {
    /// One file's content.
    struct Part: Equatable {
        let entry: Int
        /// Offset in the stream of the file's first byte.
        let start: UInt64
        let size: UInt64

        var end: UInt64 { start + size }
    }

    /// A stretch of the stream that begins with a new leaf: the files sent at first, then those of each `want`.
    private struct Chapter {
        let firstLeaf: UInt64
        let start: UInt64
        let end: UInt64
    }

    private(set) var parts: [Part] = []
    private var chapters: [Chapter] = []

    /// Bytes of the stream.
    var length: UInt64 { chapters.last?.end ?? 0 }

    /// Leaves of the stream.
    var leaves: UInt64 {
        guard let last = chapters.last else { return 0 }
        return last.firstLeaf + Self.leaves(in: last.end - last.start)
    }

    /// Adds a chapter with these files, in order; returns its bytes.
    mutating func append(_ files: some Sequence<(entry: Int, size: UInt64)>) -> UInt64 {
        let start = length
        var end = start
        for file in files where file.size > 0 {
            parts.append(Part(entry: file.entry, start: end, size: file.size))
            end += file.size
        }
        chapters.append(Chapter(firstLeaf: leaves, start: start, end: end))
        return end - start
    }

    /// Bytes of a chapter, counted from 0; `nil` if there is no such chapter yet.
    func chapterLength(_ chapter: Int) -> UInt64? {
        chapter < chapters.count ? chapters[chapter].end - chapters[chapter].start : nil
    }

    /// The first leaf of a chapter that exists.
    func firstLeaf(_ chapter: Int) -> UInt64 { chapters[chapter].firstLeaf }

    /// The bytes of a leaf, `nil` if there is none of that number.
    func range(of leaf: UInt64) -> Range<UInt64>? {
        guard leaf < leaves else { return nil }
        // Of chapters with the same first leaf all but the last are empty.
        guard let chapter = chapters.last(where: { $0.firstLeaf <= leaf && $0.end > $0.start }) else { return nil }
        let start = chapter.start + (leaf - chapter.firstLeaf) * UInt64(Limits.leaf)
        return start..<min(chapter.end, start + UInt64(Limits.leaf))
    }

    /// The files that `range` touches.
    func parts(in range: Range<UInt64>) -> ArraySlice<Part> {
        guard !range.isEmpty else { return [] }
        let first = firstPart(endingAfter: range.lowerBound)
        let last = firstPart(endingAfter: range.upperBound - 1)
        return parts[first..<min(last + 1, parts.count)]
    }

    private func firstPart(endingAfter offset: UInt64) -> Int {
        parts.partitionPoint { $0.end <= offset }
    }

    private static func leaves(in bytes: UInt64) -> UInt64 {
        (bytes + UInt64(Limits.leaf) - 1) / UInt64(Limits.leaf)
    }
}
