private import CLinux
import Glibc
import PacketFSWire

/// Address space in which address `a` of a log lies `a` bytes from the start. Pages come where bytes are held; what lies
/// between reads as zeros and takes no memory.
///
/// `@unchecked Sendable`: the base never changes, and whoever grows the memory holds the arena's lock.
final class ArenaMemory: @unchecked Sendable {
    /// Huge pages by their size, as powers of two.
    private enum Shift {
        static let large: Int32 = 21
        static let giant: Int32 = 30
    }

    private static let unit: Int = 1 << Int(Shift.large)

    let base: UnsafeMutableRawPointer
    private let span: Int
    private let residency: Residency
    /// Units that have pages, by number.
    private var backed: Set<Int> = []
    /// What was asked for and could not be had.
    private(set) var gaps: Set<Residency.Part> = []

    init(span: Int, residency: Residency) throws(BlobError) {
        let giant: Int = 1 << Int(Shift.giant)
        self.span = (span + giant - 1) / giant * giant
        self.residency = residency
        var address: UnsafeMutableRawPointer?
        let result = packetfs_arena_reserve(self.span, giant, &address)
        guard result == 0, let address else { throw BlobError(errno: -result) }
        base = address
    }

    deinit {
        munmap(base, span)
    }

    func holds(upTo end: UInt64) -> Bool { end <= UInt64(span) }

    /// Gives pages to a range. Throws `unattainable` for what is required and cannot be had.
    func back(_ range: AddressRange) throws(BlobError) {
        var number = Int(range.address) / Self.unit
        let last = (Int(range.end) - 1) / Self.unit
        while number <= last {
            guard !backed.contains(number) else {
                number += 1
                continue
            }
            let first = number
            while number <= last, !backed.contains(number) { number += 1 }
            try back(units: first..<number)
            backed.formUnion(first..<number)
        }
    }

    private func back(units: Range<Int>) throws(BlobError) {
        let giants = Self.aligned(units, to: Int(Shift.giant - Shift.large))
        if residency.hugePages != .off, !giants.isEmpty, try map(giants, shift: Shift.giant) {
            if units.lowerBound < giants.lowerBound { try backLarge(units.lowerBound..<giants.lowerBound) }
            if giants.upperBound < units.upperBound { try backLarge(giants.upperBound..<units.upperBound) }
        } else {
            try backLarge(units)
        }
        try place(units)
    }

    private func backLarge(_ units: Range<Int>) throws(BlobError) {
        if residency.hugePages != .off {
            if try map(units, shift: Shift.large) { return }
            try miss(.hugePages)
        }
        guard try map(units, shift: 0) else { throw .system(ENOMEM) }
        guard residency.transparentHugePages != .off else { return }
        if packetfs_arena_join(address(units), length(units)) != 0 { try miss(.transparentHugePages) }
    }

    /// Whether there are such pages; they are set aside at once, so that no later use can fail.
    private func map(_ units: Range<Int>, shift: Int32) throws(BlobError) -> Bool {
        let result = packetfs_arena_map(address(units), length(units), shift)
        guard result == 0 || shift > 0 else { throw BlobError(errno: -result) }
        return result == 0
    }

    /// Binds before the first byte is written, for pages are placed when they are touched; locking touches them.
    private func place(_ units: Range<Int>) throws(BlobError) {
        if residency.numa != .off,
            packetfs_arena_bind(address(units), length(units), Int32(clamping: residency.numaNode)) != 0
        {
            try miss(.numaNode)
        }
        if residency.lock != .off, packetfs_arena_lock(address(units), length(units)) != 0 { try miss(.lock) }
    }

    private func miss(_ part: Residency.Part) throws(BlobError) {
        guard residency.effort(for: part) != .require else { throw .unattainable(part) }
        gaps.insert(part)
    }

    private func address(_ units: Range<Int>) -> UnsafeMutableRawPointer { base + units.lowerBound * Self.unit }
    private func length(_ units: Range<Int>) -> Int { units.count * Self.unit }

    /// The greatest part of the range that begins and ends at multiples of `1 << shift`.
    private static func aligned(_ units: Range<Int>, to shift: Int) -> Range<Int> {
        let step = 1 << shift
        let lower = (units.lowerBound + step - 1) / step * step
        let upper = units.upperBound / step * step
        return lower < upper ? lower..<upper : 0..<0
    }
}
