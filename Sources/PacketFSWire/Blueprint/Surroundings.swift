package import PacketFSModel

/// What the log has around the literals of a leaf, and in their place (`Specs/blueprint.md` §5.4): both ends find it alike.
package struct Surroundings {
    /// Bytes on either side of what a literal stands in the place of, and most bytes of that.
    private static let margin: UInt64 = 256
    private static let reach = 4096
    /// Ranges nearer than this are joined.
    private static let near: UInt64 = 8192

    /// Ascending, disjoint: what literals look back at besides the contexts that were told, and behind them.
    package private(set) var ranges: [AddressRange] = []
    package private(set) var literals: [LiteralPlace] = []

    /// A range, and where the run ends that holds it.
    private struct Part {
        var start: UInt64
        var end: UInt64
        var runEnd: UInt64
    }

    /// `told`: the contexts' bytes; `run`: the run that holds an address, of all that may be named.
    package init(
        _ descriptors: some Sequence<Descriptor>, told: Int, run: (UInt64) -> AddressRange?
    ) {
        let gaps = Gaps(descriptors)
        var parts: [Part] = []
        for gap in gaps.all {
            let reach = UInt64(min(gap.range.count, Self.reach))
            if let behind = gap.behind, let run = run(behind - 1) {
                parts.append(Self.part(behind, behind &+ reach, run))
            }
            if let ahead = gap.ahead, let run = run(ahead) {
                parts.append(Self.part(ahead - min(ahead, reach), ahead, run))
            }
        }
        ranges = Self.joined(parts, most: Limits.contextBytes - told)
        literals = places(of: gaps.all, told: told)
    }

    package func holds(_ range: AddressRange) -> Bool {
        RunSet(ranges).holds(range)
    }

    /// The whole range with its margins, as far as the run reaches.
    private static func part(_ start: UInt64, _ end: UInt64, _ run: AddressRange) -> Part {
        Part(
            start: max(run.address, start - min(start, margin)), end: min(run.end, end &+ margin), runEnd: run.end)
    }

    private static func joined(_ parts: [Part], most: Int) -> [AddressRange] {
        var (joined, left): ([Part], UInt64) = ([], UInt64(max(0, most)))
        for part in parts.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
            if let last = joined.last, part.start < last.runEnd, part.start <= last.end &+ near {
                joined[joined.count - 1].end = max(last.end, part.end)
            } else {
                joined.append(part)
            }
        }
        return joined.compactMap { part in
            let length = min(left, part.end - part.start)
            left -= length
            return length > 0 ? AddressRange(address: part.start, length: Int(length)) : nil
        }
    }

    private func places(of gaps: [Gap], told: Int) -> [LiteralPlace] {
        var offsets: [Int] = []
        var offset = told
        for range in ranges {
            offsets.append(offset)
            offset += range.length
        }
        /// The context from the byte on that stands `back` before `address`.
        let track = { (address: UInt64, back: Int) -> ContextTrack in
            let number = ranges.partitionPoint { $0.end <= address }
            guard number < ranges.count, ranges[number].address <= address else { return .none }
            let start = offsets[number]
            return ContextTrack(
                start: start + Int(address - ranges[number].address) - back,
                known: start..<start + ranges[number].length)
        }
        return gaps.map { gap in
            LiteralPlace(
                gap.range, behind: gap.behind.map { track($0 - 1, -1) } ?? .none,
                ahead: gap.ahead.map { track($0, gap.range.count) } ?? .none)
        }
    }
}

/// A literal, and where in the log its first byte would stand if the copy or add before it went on, and the byte behind it
/// if the next one began earlier.
private struct Gap {
    var range: Range<Int>
    var behind: UInt64?
    var ahead: UInt64?
}

private struct Gaps {
    private(set) var all: [Gap] = []
    /// Literals before which no copy or add came since the first of them.
    private var open = 0

    init(_ descriptors: some Sequence<Descriptor>) {
        var offset = 0
        var diagonal: UInt64?
        for descriptor in descriptors {
            if let source = descriptor.source {
                meet(source.address &- UInt64(offset))
                diagonal = source.address &- UInt64(offset)
            } else if descriptor.kind == .literal {
                let range = offset..<offset + descriptor.length
                all.append(Gap(range: range, behind: diagonal.map { $0 &+ UInt64(offset) }, ahead: nil))
            }
            offset += descriptor.length
        }
    }

    /// A copy or add of this diagonal comes next.
    private mutating func meet(_ diagonal: UInt64) {
        for number in open..<all.count {
            let address = diagonal &+ UInt64(all[number].range.upperBound)
            all[number].ahead = address <= Limits.address ? address : nil
        }
        open = all.count
    }
}
