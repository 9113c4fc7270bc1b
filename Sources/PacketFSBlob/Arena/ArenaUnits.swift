import PacketFSWire

/// What of a log is worth memory. A peer chooses where its extents lie: whatever it chooses, they take no more than twice
/// their bytes, and the little that is kept of units of few bytes.
enum ArenaUnits {
    /// Bytes of a unit.
    static let size = 2 << 20
    /// Units that are kept although extents fill less than half of them, so that small logs are kept, too.
    private static let sparse = 16
    /// The first unit that is never kept, for address space has an end, too.
    private static let end = 1 << 21

    /// Whether all of the runs lie where units may be kept.
    static func reach(_ runs: [AddressRange]) -> Bool {
        runs.allSatisfy { $0.end <= UInt64(end * size) }
    }

    /// The units that are to be kept of runs, which ascend.
    static func worthKeeping(of runs: [AddressRange]) -> [Int] {
        var chosen: [Int] = []
        var sparseLeft = sparse
        var current = (unit: 0, bytes: 0)
        func choose() {
            let isSparse = 2 * current.bytes < size
            guard current.bytes > 0, !isSparse || sparseLeft > 0 else { return }
            if isSparse { sparseLeft -= 1 }
            chosen.append(current.unit)
        }
        for run in runs {
            for (unit, part) in run.units where unit < end {
                if unit != current.unit {
                    choose()
                    current = (unit, 0)
                }
                current.bytes += part.length
            }
        }
        choose()
        return chosen
    }
}

extension AddressRange {
    /// The units that it lies in, each with the part of it that is there.
    var units: some Sequence<(unit: Int, part: AddressRange)> {
        let size = UInt64(ArenaUnits.size)
        return sequence(state: address) { address -> (unit: Int, part: AddressRange)? in
            guard address < end else { return nil }
            let part = AddressRange(address: address, length: Int(min(end, (address / size + 1) * size) - address))
            defer { address = part.end }
            return (Int(address / size), part)
        }
    }
}
