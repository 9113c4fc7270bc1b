import PacketFSWire

/// What an arena held at one moment, to be read from without its lock. It keeps the memory; it is for a leaf or so, not
/// for long.
struct ArenaView {
    // A copy that counted references would wait for the one before it to end.
    private let base: UnsafeMutableRawPointer
    private let memory: ArenaMemory
    private let held: RunSet
    /// The run that was read from last: the next copy is often out of the same.
    private var run = AddressRange(address: 0, length: 0)

    init(_ memory: ArenaMemory, _ held: RunSet) {
        base = memory.base
        self.memory = memory
        self.held = held
    }

    /// The bytes of the range, if all of it is held.
    mutating func bytes(of range: AddressRange) -> UnsafeRawBufferPointer? {
        guard range.length > 0, range.isWithinLimits else { return nil }
        if range.address < run.address || range.end > run.end {
            guard let found = held.run(holding: range.address), range.end <= found.end else { return nil }
            run = found
        }
        return UnsafeRawBufferPointer(start: base + Int(range.address), count: range.length)
    }
}
