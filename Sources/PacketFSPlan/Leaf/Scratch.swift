internal import PacketFSWire

/// Memory that is used again and again.
final class Scratch {
    private let buffer: UnsafeMutableRawBufferPointer

    init(capacity: Int) {
        buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 4096)
    }

    deinit { buffer.deallocate() }

    var capacity: Int { buffer.count }

    func space(from place: Int, count: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: buffer[place..<place + count])
    }

    func copy(_ bytes: UnsafeRawBufferPointer, at place: Int) {
        space(from: place, count: bytes.count).copyMemory(from: bytes)
    }

    func bytes(_ count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }
}

/// The literals that `zstdPrevious` looks back at.
struct PreviousLiterals {
    private var memory: Scratch?
    private var count = 0

    /// `nil` for none, or where they would not help.
    var bytes: UnsafeRawBufferPointer? {
        count > 0 ? memory?.bytes(count) : nil
    }

    /// Takes note of a leaf's literals. Those that were sent raw are of no help, and not kept.
    mutating func note(_ literals: UnsafeRawBufferPointer, coding: LiteralCoding, isNeeded: Bool) {
        guard coding.isAuthentic, !literals.isEmpty else { return }
        count = 0
        guard isNeeded, coding != .raw else { return }
        if memory == nil { memory = Scratch(capacity: Limits.leaf) }
        memory?.copy(literals, at: 0)
        count = literals.count
    }
}
