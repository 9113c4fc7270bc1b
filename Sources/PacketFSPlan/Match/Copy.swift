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

extension ContiguousArray where Element == Copy {
    /// What of the copies lies in none of `ranges`; both ascend.
    func outside(_ ranges: [Range<Int>]) -> Self {
        guard !ranges.isEmpty else { return self }
        var left: Self = []
        var first = 0
        for copy in self {
            while first < ranges.count, ranges[first].upperBound <= copy.start { first += 1 }
            var start = copy.start
            for range in ranges[first...].prefix(while: { $0.lowerBound < copy.end }) {
                if start < range.lowerBound { left.append(copy.part(start..<range.lowerBound)) }
                start = range.upperBound
            }
            if start < copy.end { left.append(copy.part(start..<copy.end)) }
        }
        return left
    }

    /// How many bytes of `ranges`, which ascend as the copies do, they lack.
    func lacking(in ranges: [Range<Int>]) -> Int {
        let covered = { (copies: Self) in copies.reduce(0) { $0 + $1.length } }
        return ranges.reduce(0) { $0 + $1.count } - covered(self) + covered(outside(ranges))
    }
}

extension Copy {
    fileprivate func part(_ range: Range<Int>) -> Copy {
        Copy(
            start: range.lowerBound, length: range.count, address: address &+ UInt64(range.lowerBound - start),
            isSoft: isSoft)
    }
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
