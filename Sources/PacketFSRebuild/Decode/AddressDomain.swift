import PacketFSWire

/// The addresses that a blueprint may name: what this replica holds, and what the transfer itself has learned so far.
struct AddressDomain {
    private let runs: RunSet
    private var learned = RunSet([])

    init(_ runs: RunSet) {
        self.runs = runs
    }

    /// Within one run, of one of the two.
    func holds(_ range: AddressRange) -> Bool {
        runs.holds(range) || learned.holds(range)
    }

    /// The run that holds `address`, of what was acknowledged or of what was learned.
    func run(holding address: UInt64) -> AddressRange? {
        runs.run(holding: address) ?? learned.run(holding: address)
    }

    /// `range` must lie after all that was learned before.
    mutating func learn(_ range: AddressRange) {
        guard range.length > 0 else { return }
        var all = learned.runs
        if let last = all.indices.last, all[last].end == range.address {
            all[last].length += range.length
        } else {
            all.append(range)
        }
        learned = RunSet(all)
    }
}
