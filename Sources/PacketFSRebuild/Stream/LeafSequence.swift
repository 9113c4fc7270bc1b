import PacketFSWire

/// Cuts one stream of a transfer into leaves and takes them in order, once each.
struct LeafSequence {
    /// Where a leaf lies: in which run of the stream (the announced one, or one that `more` added), and where in that.
    struct Place: Equatable {
        let run: Int
        let offset: UInt64
        let length: Int
    }

    private struct Run {
        let firstLeaf: UInt64
        let length: UInt64

        var leaves: UInt64 { (length + UInt64(Limits.leaf) - 1) / UInt64(Limits.leaf) }
    }

    private var runs: [Run]
    private var next: UInt64 = 0

    init(length: UInt64) {
        runs = [Run(firstLeaf: 0, length: length)]
    }

    /// Whether every leaf that was announced has come.
    var isExhausted: Bool {
        guard let last = runs.last else { return true }
        return next == last.firstLeaf + last.leaves
    }

    /// The place of the leaf that must come next; throws `outOfOrder` if `index` is another, or none is due.
    mutating func take(_ index: UInt64) throws(RebuildError) -> Place {
        guard index == next, !isExhausted, let place = place(of: index) else { throw .outOfOrder }
        next += 1
        return place
    }

    /// Lengthens the stream; only between two runs.
    mutating func extend(by length: UInt64) throws(RebuildError) {
        guard isExhausted else { throw .outOfOrder }
        runs.append(Run(firstLeaf: next, length: length))
    }

    func place(of index: UInt64) -> Place? {
        for (number, run) in runs.enumerated() where index >= run.firstLeaf && index < run.firstLeaf + run.leaves {
            let offset = (index - run.firstLeaf) * UInt64(Limits.leaf)
            return Place(run: number, offset: offset, length: Int(min(UInt64(Limits.leaf), run.length - offset)))
        }
        return nil
    }
}
