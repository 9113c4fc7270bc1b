/// A stretch of a leaf that equals bytes of the log, or resembles them.
struct Copy: Equatable {
    /// Offset in the leaf.
    var start: Int
    var length: Int
    var address: UInt64
    /// Gives way to a longer match.
    var isSoft = false

    var end: Int { start + length }
    /// Address less offset: the same for all copies of one unmoved stretch.
    var diagonal: UInt64 { address &- UInt64(start) }
}

/// Anchors of a leaf, ascending.
struct AnchorList {
    private(set) var ends: ContiguousArray<Int32> = []
    private(set) var hashes: ContiguousArray<UInt64> = []

    var count: Int { ends.count }

    mutating func append(end: Int, hash: UInt64) {
        ends.append(Int32(truncatingIfNeeded: end))
        hashes.append(hash)
    }

    mutating func removeAll() {
        ends.removeAll(keepingCapacity: true)
        hashes.removeAll(keepingCapacity: true)
    }
}
