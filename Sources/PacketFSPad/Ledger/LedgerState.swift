internal import PacketFSWire

/// What a pad's ledger comes to. Blocks of our half are free from `next` on, and only there.
struct LedgerState {
    private(set) var machine: [UInt8] = []
    private(set) var files: UInt64 = 0
    /// The first block of our half that was never reserved.
    private(set) var next: UInt64 = 0
    /// Reserved blocks whose fate is not recorded: a crash left them.
    private(set) var open: [Range<UInt64>] = []
    private(set) var settled: UInt64 = 0
    private(set) var burnt: UInt64 = 0
    /// Blocks of the peer's half that are spent.
    private(set) var received = BlockSet()
    /// Of these, those whose destruction is not recorded.
    private(set) var uncleared: [Range<UInt64>] = []
    /// The messages received last, oldest first.
    private(set) var latest: [MessageMark] = []
    private(set) var tries: [UInt64: Int] = [:]
    /// The end of what the peer says to have seen of our half.
    private(set) var claimed: UInt64 = 0
    private(set) var isRetired = false

    private let blocks: UInt64

    init(blocks: UInt64) {
        self.blocks = blocks
    }

    /// Takes the next record. Throws `ledgerDamaged` for one that cannot follow.
    mutating func apply(_ record: LedgerRecord) throws(PadError) {
        guard !isRetired, !machine.isEmpty || record.isBinding else { throw .ledgerDamaged }
        switch record {
        case .bound(let machine, let files, let next):
            guard next == self.next || next >= max(self.next, claimed), next <= blocks else { throw .ledgerDamaged }
            burnt += next - self.next
            (self.machine, self.files, self.next) = (machine, files, next)
        case .reserved(let start, let count):
            let range = try range(start, count)
            guard start == next else { throw .ledgerDamaged }
            next = range.upperBound
            if let last = open.last, last.upperBound == start {
                open[open.count - 1] = last.lowerBound..<next
            } else {
                open.append(range)
            }
        case .settled(let start, let count):
            try close(range(start, count))
            settled += count
        case .burnt(let start, let count):
            try close(range(start, count))
            burnt += count
        case .tried(let start):
            tries[start, default: 0] += 1
        case .drawn(let start, let count):
            try spend(range(start, count))
        case .received(let start, let count, let tag):
            try spend(range(start, count))
            latest = (latest + [MessageMark(start: start, tag: tag)]).suffix(Limits.acknowledgements)
            tries[start] = nil
        case .cleared(let start, let count):
            let range = try range(start, count)
            guard let index = uncleared.firstIndex(of: range) else { throw .ledgerDamaged }
            uncleared.remove(at: index)
        case .claimed(let mark):
            guard mark > claimed else { throw .ledgerDamaged }
            claimed = mark
        case .retired:
            isRetired = true
        }
    }

    private func range(_ start: UInt64, _ count: UInt64) throws(PadError) -> Range<UInt64> {
        guard count > 0, start < blocks, count <= blocks - start else { throw .ledgerDamaged }
        return start..<start + count
    }

    private mutating func spend(_ range: Range<UInt64>) throws(PadError) {
        guard received.insert(range) else { throw .ledgerDamaged }
        uncleared.append(range)
    }

    /// Takes a range away from the front or the back of one that is open.
    private mutating func close(_ range: Range<UInt64>) throws(PadError) {
        guard
            let index = open.firstIndex(where: {
                $0.lowerBound <= range.lowerBound && $0.upperBound >= range.upperBound
            })
        else { throw .ledgerDamaged }
        let whole = open.remove(at: index)
        let rest = [whole.lowerBound..<range.lowerBound, range.upperBound..<whole.upperBound]
        open.insert(contentsOf: rest.filter { !$0.isEmpty }, at: index)
    }
}

extension LedgerRecord {
    fileprivate var isBinding: Bool {
        if case .bound = self { true } else { false }
    }
}

/// Blocks, as ranges that are sorted, disjoint and apart.
struct BlockSet: Equatable {
    private(set) var ranges: [Range<UInt64>] = []

    var count: UInt64 { ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } }
    var end: UInt64 { ranges.last?.upperBound ?? 0 }

    func overlaps(_ range: Range<UInt64>) -> Bool {
        let index = firstEnding(after: range.lowerBound)
        return index < ranges.count && ranges[index].lowerBound < range.upperBound
    }

    /// The blocks below `end` that are not in it.
    func gaps(below end: UInt64) -> [Range<UInt64>] {
        let before = ranges.prefix { $0.lowerBound < end }
        let starts = [0] + before.map(\.upperBound)
        let ends = before.map(\.lowerBound) + [end]
        return zip(starts, ends).filter { $0 < $1 }.map { $0..<$1 }
    }

    /// Returns whether no block of the range was in it; else nothing is changed.
    mutating func insert(_ range: Range<UInt64>) -> Bool {
        guard !overlaps(range) else { return false }
        var joined = range
        let index = firstEnding(after: range.lowerBound)
        if index < ranges.count, ranges[index].lowerBound == range.upperBound {
            joined = range.lowerBound..<ranges.remove(at: index).upperBound
        }
        if index > 0, ranges[index - 1].upperBound == range.lowerBound {
            ranges[index - 1] = ranges[index - 1].lowerBound..<joined.upperBound
        } else {
            ranges.insert(joined, at: index)
        }
        return true
    }

    private func firstEnding(after block: UInt64) -> Int {
        ranges.partitionPoint { $0.upperBound <= block }
    }
}
