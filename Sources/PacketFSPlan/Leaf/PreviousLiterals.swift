internal import PacketFSBlob
internal import PacketFSWire

/// The literals that `zstdPrevious` looks back at.
struct PreviousLiterals {
    private var memory: Block?
    private var count = 0

    /// `nil` for none, or where they would not help.
    var bytes: UnsafeRawBufferPointer? {
        count > 0 ? memory.map { UnsafeRawBufferPointer($0.prefix(count)) } : nil
    }

    /// Takes note of a leaf's literals. Those that were sent raw are of no help, and not kept.
    mutating func note(_ literals: UnsafeRawBufferPointer, coding: LiteralCoding, isNeeded: Bool) {
        guard coding.isAuthentic, !literals.isEmpty else { return }
        count = 0
        guard isNeeded, coding != .raw else { return }
        let block = memory ?? Block(byteCount: Limits.leaf)
        memory = block
        block.prefix(literals.count).copyMemory(from: literals)
        count = literals.count
    }
}
