internal import PacketFSWire

/// Chooses the bytes of the log that a leaf's literals most likely resemble: what they stand in the place of.
struct ContextPicker {
    /// Bytes taken beyond what was replaced, on either side.
    static let margin = 256
    /// A gap between copies may be this many times as long in the log as in the leaf, and `slack` bytes.
    private static let stretch = 2
    private static let slack = 16 << 10
    /// Most bytes taken next to a copy whose neighbour stands elsewhere in the log.
    private static let reach = 64 << 10
    /// Ranges nearer than this are joined: what lies between costs less than a range of its own.
    private static let near: UInt64 = 8192

    /// Ranges taken of what equals the literals.
    private static let copies = 24

    private var ranges: [AddressRange] = []
    private var runs: MatchableRuns
    /// Literals between two copies that are neighbours in the log as well.
    private(set) var replaced = 0

    init(runs: MatchableRuns) {
        self.runs = runs
    }

    /// Takes what the literals of `steps` stand in the place of. `diagonal`: that of the stream before the leaf.
    mutating func takeReplaced(_ steps: ContiguousArray<Step>, diagonal: UInt64?) {
        var before = diagonal
        var literals = 0
        var position = 0
        for step in steps {
            switch step.kind {
            case .literal:
                literals += step.length
            case .copy(let address), .add(let address):
                if literals > 0 { take(position..<step.start, before: before, after: address &- UInt64(step.start)) }
                before = address &- UInt64(step.start)
                position = step.end
                literals = 0
            case .fill, .held, .packed:
                break
            }
        }
        if literals > 0, let end = steps.last?.end { take(position..<end, before: before, after: nil) }
    }

    /// Takes the longest of what is known to equal parts of the literals.
    mutating func take(_ copies: ContiguousArray<Copy>) {
        for copy in copies.sorted(by: { $0.length > $1.length }).prefix(Self.copies) {
            ranges.append(AddressRange(address: copy.address, length: copy.length))
        }
    }

    /// What stood between the copies around `gap`; where they are not neighbours, what follows the one and precedes
    /// the other.
    private mutating func take(_ gap: Range<Int>, before: UInt64?, after: UInt64?) {
        let start = before.map { $0 &+ UInt64(gap.lowerBound) }
        let end = after.map { $0 &+ UInt64(gap.upperBound) }
        if let start, let end, end >= start, end - start <= UInt64(gap.count * Self.stretch + Self.slack) {
            replaced += gap.count
            return add(start, Int(end - start))
        }
        let reach = min(gap.count, Self.reach)
        if let start { add(start, reach) }
        if let end { add(end &- UInt64(min(reach, Int(clamping: end))), reach) }
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

    /// The ranges taken, ascending, within runs and `Limits`: what is near is joined until there are few enough, and
    /// what would be too much is left out.
    mutating func limited() -> [AddressRange] {
        ranges.sort { $0.address < $1.address }
        var distance = Self.near
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

extension [AddressRange] {
    /// Most bytes of contexts that the model of literals is given: it remembers slowly.
    private static var mostRemembered: Int { 512 << 10 }

    /// Which contexts the model of literals is given: all, or none where they are too long.
    var remembered: [AddressRange] { byteCount <= Self.mostRemembered ? self : [] }

    var byteCount: Int { reduce(0) { $0 + $1.length } }
}
