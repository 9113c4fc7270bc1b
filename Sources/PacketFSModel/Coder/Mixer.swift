internal import CMixing

/// What four models of one bit say, brought together: each slot's opinion is weighed by how well that slot's kind did in
/// the same set before (`Specs/model.md` §3).
struct Mixer {
    typealias Core = UnsafePointer<packetfs_mixer>
    typealias Contexts = (UInt32, UInt32, UInt32, UInt32)

    /// Three eighths.
    private static let start: Int32 = 6 << 10

    private let core: UnsafeMutablePointer<packetfs_mixer>
    private let weights: UnsafeMutableBufferPointer<Int32>

    /// `isWide`: by the widest instructions that the processor has, if it has them. The owner must call `free`.
    init(sets: Int, rate: Int32, isWide: Bool = true) {
        weights = .allocate(capacity: sets * 4)
        core = .allocate(capacity: 1)
        core.initialize(
            to: packetfs_mixer(
                weights: weights.baseAddress, squash: Logistic.shared.squash, stretch: Logistic.shared.stretch,
                rates: SlotRates.shared.values, rate: rate, is_wide: isWide ? packetfs_mixes_wide() : 0))
        reset()
    }

    func free() {
        weights.deallocate()
        core.deallocate()
    }

    func reset() {
        weights.update(repeating: Self.start)
    }

    /// Codes a bit with the slots of `contexts`, and teaches them and the weights of `set`.
    @inline(__always)
    func code<Coder: BitCoder>(
        _ bit: Int, _ table: SlotTable, _ contexts: Contexts, set: Int, _ coder: inout Coder
    ) -> Int {
        let slots = packetfs_slots(
            each: (table.slot(contexts.0), table.slot(contexts.1), table.slot(contexts.2), table.slot(contexts.3)))
        return coder.code(bit, Core(core), slots, set: set)
    }

    /// Codes a byte in the lines of `contexts`; the sets are `set` plus 1 followed by the bits so far.
    @inline(__always)
    func code<Coder: BitCoder>(
        byte: UInt8, _ table: SlotTable, _ contexts: Contexts, set: Int, _ coder: inout Coder
    ) -> UInt8 {
        coder.code(byte: byte, Core(core), table.lines, packetfs_contexts(each: contexts), set: set)
    }
}
