package import PacketFSWire

/// Writes learned bytes to a log and cuts them into extents, the same way at both ends (`Specs/blob.md` §3).
///
/// Each leaf's learned bytes are one range. An extent ends where a range does not continue the one before it, where
/// the range would take it above `Limits.extent`, or where it is `cut`. The bytes of a range may come in any order.
package struct ExtentBuilder {
    private let log: Log
    private let held: RunSet
    /// Ascending; only to the last may more be reserved, and only it may be complete.
    private(set) var open: [OpenExtent] = []
    private var finished: [Extent] = []
    private var end: UInt64 = 0
    private var count = 0
    private var isCut = false

    /// `held`: what the log holds already and nobody may write again.
    package init(log: Log, held: RunSet = RunSet([])) {
        self.log = log
        self.held = held
    }

    /// Bytes of the log that are reserved and not written yet.
    package var missing: Int { open.reduce(0) { $0 + $1.missing } }

    /// Learns a range whose bytes are all here.
    package mutating func append(_ bytes: UnsafeRawBufferPointer, at address: UInt64) throws(BlobError) {
        guard !bytes.isEmpty else { return }
        try reserve(AddressRange(address: address, length: bytes.count))
        try fill(bytes, at: address)
    }

    /// Announces the learned bytes of one leaf. Throws `outOfBounds` if the range is empty, longer than `Limits.extent`
    /// or beyond `Limits.address`, `overlap` unless it lies after all ranges before it and outside what is held.
    package mutating func reserve(_ range: AddressRange) throws(BlobError) {
        guard range.length > 0, range.length <= Limits.extent, range.isWithinLimits else { throw .outOfBounds }
        guard range.address >= end, !held.intersects(range) else { throw .overlap }
        if !isCut, let last = open.indices.last, range.address == end,
            open[last].range.length + range.length <= Limits.extent
        {
            open[last].extend(by: range.length)
        } else {
            closeLast()
            guard count < Limits.extents else { throw .tooManyExtents }
            count += 1
            open.append(OpenExtent(range: range, in: log.id))
        }
        end = range.end
        isCut = false
    }

    /// The next range opens a new extent, even where it continues the last one.
    package mutating func cut() {
        isCut = true
    }

    /// Writes bytes of an announced range. Throws `outOfBounds` outside one, `overlap` where bytes were written before.
    package mutating func fill(_ bytes: UnsafeRawBufferPointer, at address: UInt64) throws(BlobError) {
        guard !bytes.isEmpty else { return }
        let range = AddressRange(address: address, length: bytes.count)
        let index = open.partitionPoint { $0.range.end <= address }
        guard range.isWithinLimits, index < open.count, open[index].range.contains(range) else { throw .outOfBounds }
        guard open[index].isFree(range) else { throw .overlap }
        try log.write(bytes, at: address)
        open[index].add(bytes, at: address, in: log)
        guard index < open.count - 1, open[index].missing == 0 else { return }
        finished.append(open.remove(at: index).finished(in: log))
    }

    /// Makes everything durable and returns the extents, ascending. An extent with bytes missing is not one.
    package mutating func finish() throws(BlobError) -> [Extent] {
        try log.sync()
        closeLast()
        defer {
            open = []
            finished = []
        }
        return finished.sorted { $0.range.address < $1.range.address }
    }

    private mutating func closeLast() {
        guard var last = open.popLast() else { return }
        guard last.missing > 0 else { return finished.append(last.finished(in: log)) }
        last.setAside()
        open.append(last)
    }
}

extension AddressRange {
    /// Both within `Limits.address`.
    func contains(_ other: AddressRange) -> Bool {
        other.address >= address && other.end <= end
    }
}

extension RunSet {
    /// Whether any byte of `range` lies in a run.
    func intersects(_ range: AddressRange) -> Bool {
        let index = runs.partitionPoint { $0.end <= range.address }
        return index < runs.count && runs[index].address < range.end
    }
}
