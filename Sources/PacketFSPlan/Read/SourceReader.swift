internal import CLinux
internal import Glibc
internal import PacketFSWire

/// Reads files of a tree by `pread`, and notices those that are not as the scan saw them: the bytes of such a file,
/// from the leaf on in which it is noticed, are zeros.
struct SourceReader: ~Copyable {
    private let tree: ScannedTree
    private var open: (entry: Int, descriptor: Int32)?
    private var path: [UInt8] = []
    /// Where in the stream the zeros of each dropped file begin.
    private var zerosFrom: [Int: UInt64] = [:]
    /// Bytes that were read; those of holes are not.
    private(set) var bytesRead: UInt64 = 0

    init(tree: ScannedTree) {
        self.tree = tree
    }

    deinit {
        if let open { close(open.descriptor) }
    }

    /// Fills `buffer` with `range` of the stream; returns the entries that had to be dropped now.
    mutating func read(
        _ range: Range<UInt64>, of layout: borrowing StreamLayout, into buffer: UnsafeMutableRawBufferPointer
    ) -> [FailedEntry] {
        var dropped: [FailedEntry] = []
        for part in layout.parts(in: range) {
            let (bytes, offset) = Self.slice(of: part, in: range, buffer)
            if zerosFrom[part.entry] != nil {
                bytes.initializeMemory(as: UInt8.self, repeating: 0)
            } else if let failure = read(part.entry, from: offset, into: bytes) {
                bytes.initializeMemory(as: UInt8.self, repeating: 0)
                zerosFrom[part.entry] = part.start + offset
                dropped.append(FailedEntry(entry: part.entry, failure: failure))
            }
        }
        return dropped
    }

    /// Fills `buffer` with what `read` gave for `range`, part of a leaf that begins at `leafStart`, or throws
    /// `sourceChanged` if that is gone.
    mutating func readAgain(
        _ range: Range<UInt64>, leafStart: UInt64, of layout: borrowing StreamLayout,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(PlanError) {
        for part in layout.parts(in: range) {
            let (bytes, offset) = Self.slice(of: part, in: range, buffer)
            if let zeros = zerosFrom[part.entry] {
                guard zeros <= max(leafStart, part.start) else { throw .sourceChanged }
                bytes.initializeMemory(as: UInt8.self, repeating: 0)
            } else if read(part.entry, from: offset, into: bytes) != nil {
                throw .sourceChanged
            }
        }
    }

    private static func slice(
        of part: StreamLayout.Part, in range: Range<UInt64>, _ buffer: UnsafeMutableRawBufferPointer
    ) -> (UnsafeMutableRawBufferPointer, offset: UInt64) {
        let start = max(part.start, range.lowerBound)
        let end = min(part.end, range.upperBound)
        let place = Int(start - range.lowerBound)..<Int(end - range.lowerBound)
        return (UnsafeMutableRawBufferPointer(rebasing: buffer[place]), start - part.start)
    }

    /// The state of the file *after* the read tells whether what was read is what the scan saw, whenever it changed.
    private mutating func read(
        _ entry: Int, from offset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) -> EntryFailure? {
        let descriptor = descriptor(of: entry)
        guard descriptor >= 0 else { return Self.failure(errno: -descriptor) }
        let isSparse = tree.manifest.entries[entry].isSparse
        let isWhole = isSparse ? readData(descriptor, at: offset, into: buffer) : fill(buffer, descriptor, at: offset)
        var status = stat()
        guard fstat(descriptor, &status) == 0, StatKey(status) == tree.stats[entry] else { return .sourceChanged }
        guard isWhole else { return .unreadable }
        if offset + UInt64(buffer.count) == tree.stats[entry].size { closeOpen() }
        return nil
    }

    /// Reads what the file has bytes for; the rest is zeros.
    private mutating func readData(
        _ descriptor: Int32, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) -> Bool {
        var done = 0
        while done < buffer.count {
            var start: Int64 = 0
            var end: Int64 = 0
            let found = clinux_source_data(descriptor, Int64(offset) + Int64(done), &start, &end)
            guard found == 0 || found == -ENXIO else { return false }
            let data = found == 0 ? Int(clamping: start - Int64(offset)) : buffer.count
            let hole = done..<min(buffer.count, data)
            UnsafeMutableRawBufferPointer(rebasing: buffer[hole]).initializeMemory(as: UInt8.self, repeating: 0)
            done = min(buffer.count, found == 0 ? Int(clamping: end - Int64(offset)) : buffer.count)
            let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[hole.upperBound..<done])
            guard fill(bytes, descriptor, at: offset + UInt64(hole.upperBound)) else { return false }
        }
        return true
    }

    /// Whether the file had all these bytes.
    private mutating func fill(
        _ buffer: UnsafeMutableRawBufferPointer, _ descriptor: Int32, at offset: UInt64
    ) -> Bool {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset) + done)
            if count > 0 {
                done += count
            } else if count == 0 || errno != EINTR {
                return false
            }
        }
        bytesRead += UInt64(done)
        return true
    }

    private static func failure(errno number: Int32) -> EntryFailure {
        switch number {
        case ENOENT, ENOTDIR, ELOOP, EXDEV, ESTALE, ENXIO: .sourceChanged
        default: .unreadable
        }
    }

    /// The entry's open file, negative errno if it cannot be opened.
    private mutating func descriptor(of entry: Int) -> Int32 {
        if let open, open.entry == entry { return open.descriptor }
        closeOpen()
        path.removeAll(keepingCapacity: true)
        path.append(contentsOf: tree.manifest.entries[entry].path)
        path.append(0)
        let descriptor = path.withUnsafeBytes { tree.root(of: entry).open(terminated: $0, flags: O_RDONLY) }
        if descriptor >= 0 { open = (entry, descriptor) }
        return descriptor
    }

    private mutating func closeOpen() {
        if let open { close(open.descriptor) }
        open = nil
    }
}
