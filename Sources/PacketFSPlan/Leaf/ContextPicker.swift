internal import PacketFSWire

/// Chooses the bytes of the log that a leaf's literals most likely resemble: what they stand in the place of.
struct ContextPicker {
    /// Bytes taken beyond what was replaced, on either side.
    static let margin = 256
    /// A gap between copies may be this many times as long in the log as in the leaf, and `slack` bytes.
    private static let stretch = 2
    private static let slack = 16 << 10

    private var ranges: [AddressRange] = []
    private var runs: MatchableRuns

    init(runs: MatchableRuns) {
        self.runs = runs
    }

    /// The context ranges for `steps`, ascending, within runs and `Limits`; none if there is no copy to go by.
    /// `diagonal`: that of the stream before the leaf.
    mutating func pick(_ steps: ContiguousArray<Step>, diagonal: UInt64?) -> [AddressRange] {
        ranges.removeAll(keepingCapacity: true)
        var before = diagonal
        var literals = 0
        var position = 0
        for step in steps {
            switch step.kind {
            case .literal:
                literals += step.length
            case .copy(let address):
                if literals > 0 { take(position..<step.start, before: before, after: address &- UInt64(step.start)) }
                before = address &- UInt64(step.start)
                position = step.end
                literals = 0
            case .fill, .held:
                break
            }
        }
        if literals > 0, let end = steps.last?.end { take(position..<end, before: before, after: nil) }
        return limited()
    }

    /// What stood between the copies around `gap`; where they are not neighbours, what follows the one and precedes
    /// the other.
    private mutating func take(_ gap: Range<Int>, before: UInt64?, after: UInt64?) {
        let start = before.map { $0 &+ UInt64(gap.lowerBound) }
        let end = after.map { $0 &+ UInt64(gap.upperBound) }
        if let start, let end, end >= start, end - start <= UInt64(gap.count * Self.stretch + Self.slack) {
            return add(start, Int(end - start))
        }
        if let start { add(start, gap.count) }
        if let end { add(end &- UInt64(min(gap.count, Int(clamping: end))), gap.count) }
    }

    /// Adds a range with its margins, as far as one run reaches.
    private mutating func add(_ address: UInt64, _ length: Int) {
        guard address <= Limits.address else { return }
        let middle = address + UInt64(length / 2)
        let probes = [middle, address, address > 0 ? address - 1 : 0]
        var found: AddressRange?
        for probe in probes where found == nil { found = runs.run(holding: probe) }
        guard let run = found else { return }
        let margin = UInt64(Self.margin)
        let start = max(run.address, address > margin ? address - margin : 0)
        let end = min(run.end, address + UInt64(length) + margin)
        if start < end { ranges.append(AddressRange(address: start, length: Int(end - start))) }
    }

    /// Joins what is near until there are few enough ranges, and leaves out what would be too much.
    private mutating func limited() -> [AddressRange] {
        ranges.sort { $0.address < $1.address }
        var distance: UInt64 = 64
        var joined = join(distance)
        while joined.count > Limits.contexts, distance < UInt64(Limits.contextBytes) {
            distance *= 2
            joined = join(distance)
        }
        var budget = Limits.contextBytes
        joined = joined.suffix(Limits.contexts).map { range in
            let length = min(range.length, budget)
            budget -= length
            return AddressRange(address: range.address, length: length)
        }
        return joined.filter { $0.length > 0 }
    }

    private mutating func join(_ distance: UInt64) -> [AddressRange] {
        var joined: [AddressRange] = []
        for range in ranges {
            if let last = joined.last, range.address <= last.end + distance,
                let run = runs.run(holding: last.address), range.end <= run.end
            {
                let end = max(last.end, range.end)
                joined[joined.count - 1].length = Int(end - last.address)
            } else {
                joined.append(range)
            }
        }
        return joined
    }
}
