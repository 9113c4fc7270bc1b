internal import PacketFSWire

/// What copies may address: runs that the receiver acknowledged, and what earlier leaves of this transfer taught it.
struct MatchableRuns {
    let acknowledged: RunSet
    /// Ascending, disjoint, neighbours joined.
    private(set) var learned: [AddressRange] = []
    private var latest = AddressRange(address: 0, length: 0)

    init(acknowledged: RunSet) {
        self.acknowledged = acknowledged
    }

    var isEmpty: Bool { acknowledged.runs.isEmpty && learned.isEmpty }

    /// Adds a range above all learned before.
    mutating func learn(_ range: AddressRange) {
        if let last = learned.indices.last, learned[last].end == range.address {
            learned[last].length += range.length
        } else {
            learned.append(range)
        }
        latest = AddressRange(address: 0, length: 0)
    }

    /// The run that holds `address`, or `nil`.
    @inline(__always)
    mutating func run(holding address: UInt64) -> AddressRange? {
        if address >= latest.address, address - latest.address < UInt64(latest.length) { return latest }
        guard let found = acknowledged.run(holding: address) ?? learnedRun(holding: address) else { return nil }
        latest = found
        return found
    }

    private func learnedRun(holding address: UInt64) -> AddressRange? {
        let index = learned.partitionPoint { $0.end <= address }
        return index < learned.count && learned[index].address <= address ? learned[index] : nil
    }
}
