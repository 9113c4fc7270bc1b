/// Native code names its targets by how far away they are: when code moves, all these distances change, but two that
/// named one target still do. This remembers where targets went, and so foretells the new distance from the old one
/// (`Specs/model.md` §5.1).
struct MovedTargets {
    /// How a distance was foretold, from the surest on.
    enum Source: Int {
        case target = 0
        case stretch = 1
        case region = 2
        case latest = 3
    }

    private struct Moved {
        var target: Int64 = 0
        var shift: Int64 = 0
    }

    private static let logTargets = 14
    private static let logRegions = 12
    /// Bytes of a region, as a power of two: what lies in one mostly moved together.
    private static let region: Int64 = 12
    /// A target is taken for a stretch's up to so far behind its end.
    private static let slack = 32

    private let targets: UnsafeMutablePointer<Moved>
    private let regions: UnsafeMutablePointer<Moved>
    private var latest: Int64 = 0
    private var stretches: [Stretch] = []

    /// The owner must call `free`.
    init() {
        targets = .allocate(capacity: 1 << Self.logTargets)
        regions = .allocate(capacity: 1 << Self.logRegions)
    }

    func free() {
        targets.deallocate()
        regions.deallocate()
    }

    /// Forgets all, and takes note of what the leaf takes from the log.
    mutating func begin(_ stretches: [Stretch]) {
        targets.initialize(repeating: Moved(), count: 1 << Self.logTargets)
        regions.initialize(repeating: Moved(), count: 1 << Self.logRegions)
        latest = 0
        self.stretches = stretches.sorted { ($0.address, $0.place) < ($1.address, $1.place) }
    }

    /// How far `target`, a place of the log, is from where it stands in the leaf now, and how that is known.
    func shift(of target: Int64, isCode: Bool) -> (shift: Int64, source: Source) {
        let known = targets[Self.slot(target, Self.logTargets)]
        if known.target == target, target != 0 { return (known.shift, .target) }
        if isCode, let shift = stretchShift(of: target) { return (shift, .stretch) }
        let near = regions[Self.slot(target >> Self.region, Self.logRegions)]
        if near.target == target >> Self.region, near.target != 0 { return (near.shift, .region) }
        return (latest, .latest)
    }

    mutating func learn(_ target: Int64, shift: Int64, isCode: Bool) {
        targets[Self.slot(target, Self.logTargets)] = Moved(target: target, shift: shift)
        regions[Self.slot(target >> Self.region, Self.logRegions)] = Moved(target: target >> Self.region, shift: shift)
        if !isCode { latest = shift }
    }

    private func stretchShift(of target: Int64) -> Int64? {
        guard let address = UInt64(exactly: target) else { return nil }
        var low = 0
        var high = stretches.count
        while low < high {
            let middle = (low &+ high) / 2
            if stretches[middle].address <= address { low = middle &+ 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let stretch = stretches[low &- 1]
        guard address &- stretch.address < UInt64(stretch.length &+ Self.slack) else { return nil }
        return Int64(stretch.place) &- Int64(truncatingIfNeeded: stretch.address)
    }

    @inline(__always)
    private static func slot(_ key: Int64, _ bits: Int) -> Int {
        Int((UInt64(bitPattern: key) &* 0x9e37_79b9_7f4a_7c15) >> UInt64(64 - bits))
    }
}

/// A stretch of a leaf that follows the log: copied from it, or like it.
package struct Stretch: Sendable {
    package var address: UInt64
    package var length: Int
    /// Offset in the leaf.
    package var place: Int
    /// Like it, else copied.
    package var isAdd: Bool

    package init(address: UInt64, length: Int, place: Int, isAdd: Bool) {
        self.address = address
        self.length = length
        self.place = place
        self.isAdd = isAdd
    }
}
