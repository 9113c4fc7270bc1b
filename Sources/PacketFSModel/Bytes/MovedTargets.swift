/// A stretch of a leaf that follows the log: copied from it, or like it.
package struct Segment: Sendable {
    package var address: UInt64
    package var length: Int
    /// Offset in the leaf.
    package var place: Int

    package init(address: UInt64, length: Int, place: Int) {
        self.address = address
        self.length = length
        self.place = place
    }
}

/// Native code names its targets by how far away they are: when code moves, all these distances change, but two that named
/// one target still do. This remembers where targets went, and so foretells the new distance from the old one
/// (`Specs/model.md` §6).
struct MovedTargets {
    /// How a distance was foretold, from the surest on.
    enum Source: Int {
        case target = 1
        case segment = 2
        case region = 3
        case latest = 4
    }

    private struct Moved {
        var target: Int64 = 0
        var shift: Int64 = 0
    }

    private static let logTargets = 16
    private static let logRegions = 14
    /// Bytes of a region, as a power of two: what lies in one mostly moved together.
    private static let region: Int64 = 12
    /// A target is taken for a segment's up to so far behind its end.
    private static let slack = 32

    private var targets: [Moved]
    private var regions: [Moved]
    private var latest: Int64 = 0
    private var segments: [Segment] = []

    init() {
        targets = Array(repeating: Moved(), count: 1 << Self.logTargets)
        regions = Array(repeating: Moved(), count: 1 << Self.logRegions)
    }

    mutating func reset() {
        self = MovedTargets()
    }

    /// What the leaf that begins now takes from the log.
    mutating func begin(_ segments: [Segment]) {
        self.segments = segments.sorted { ($0.address, $0.place) < ($1.address, $1.place) }
    }

    /// Where `target`, a place of the log, is now: how far it moved, and how that is known. `origin`: the leaf's place in
    /// the stream.
    func shift(of target: Int64, isCode: Bool, origin: Int64) -> (shift: Int64, source: Source) {
        let known = targets[Self.slot(target, Self.logTargets)]
        if known.target == target, target != 0 { return (known.shift, .target) }
        if isCode, let shift = segmentShift(of: target, origin: origin) { return (shift, .segment) }
        let near = regions[Self.slot(target >> Self.region, Self.logRegions)]
        if near.target == target >> Self.region, near.target != 0 { return (near.shift, .region) }
        return (latest, .latest)
    }

    mutating func learn(_ target: Int64, shift: Int64, isCode: Bool) {
        targets[Self.slot(target, Self.logTargets)] = Moved(target: target, shift: shift)
        regions[Self.slot(target >> Self.region, Self.logRegions)] = Moved(target: target >> Self.region, shift: shift)
        if !isCode { latest = shift }
    }

    private func segmentShift(of target: Int64, origin: Int64) -> Int64? {
        guard let address = UInt64(exactly: target) else { return nil }
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].address <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let segment = segments[low - 1]
        guard address - segment.address < UInt64(segment.length + Self.slack) else { return nil }
        return origin &+ Int64(segment.place) &- Int64(truncatingIfNeeded: segment.address)
    }

    @inline(__always)
    private static func slot(_ key: Int64, _ bits: Int) -> Int {
        Int((UInt64(bitPattern: key) &* 0x9e37_79b9_7f4a_7c15) >> UInt64(64 - bits))
    }
}
