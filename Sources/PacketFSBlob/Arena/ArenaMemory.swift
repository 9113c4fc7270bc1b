private import CLinux
import Glibc
import PacketFSWire

/// Address space in which address `a` of a log lies `a` bytes from the start. Pages come where bytes are held; what lies
/// between reads as zeros and takes no memory.
///
/// `@unchecked Sendable`: the base never changes, and whoever changes which units have pages holds the arena's lock.
final class ArenaMemory: @unchecked Sendable {
    /// Huge pages by their size, as powers of two.
    private enum Shift {
        static let large: Int32 = 21
        static let giant: Int32 = 30
    }

    let base: UnsafeMutableRawPointer
    private let span: Int
    private let residency: Residency
    /// Units that have pages, as they were asked for.
    private(set) var backed: Set<Int> = []
    /// What was asked for and could not be had.
    private(set) var gaps: Set<Residency.Part> = []

    /// `nil` if there is no address space.
    init?(span: Int, residency: Residency) {
        let giant: Int = 1 << Int(Shift.giant)
        self.span = (span + giant - 1) / giant * giant
        self.residency = residency
        var address: UnsafeMutableRawPointer?
        guard packetfs_arena_reserve(self.span, giant, &address) == 0, let address else { return nil }
        base = address
    }

    deinit {
        munmap(base, span)
    }

    func holds(_ unit: Int) -> Bool { (unit + 1) * ArenaUnits.size <= span }

    /// The parts of runs that have pages.
    func backed(of runs: [AddressRange]) -> [AddressRange] {
        var parts: [AddressRange] = []
        for run in runs {
            for (unit, part) in run.units where backed.contains(unit) {
                if let last = parts.indices.last, parts[last].end == part.address {
                    parts[last].length += part.length
                } else {
                    parts.append(part)
                }
            }
        }
        return parts
    }

    /// Gives pages to units, which ascend. Throws `unattainable` for what is required and cannot be had.
    func back(_ units: [Int]) throws(BlobError) {
        var missing = units.filter { !backed.contains($0) }[...]
        while let first = missing.first {
            let count = zip(missing, first...).prefix { $0 == $1 }.count
            try back(units: first..<first + count)
            missing = missing.dropFirst(count)
        }
    }

    /// Takes the pages of all other units back; who still reads there reads zeros.
    func free(allBut units: [Int]) {
        for unit in backed.subtracting(units)
        where packetfs_arena_free(address(unit..<unit + 1), ArenaUnits.size) == 0 { backed.remove(unit) }
    }

    private func back(units: Range<Int>) throws(BlobError) {
        let giants = Self.aligned(units, to: Int(Shift.giant - Shift.large))
        guard residency.hugePages != .off, !giants.isEmpty, map(giants, shift: Shift.giant) else {
            return try backLarge(units)
        }
        try place(giants)
        try backLarge(units.lowerBound..<giants.lowerBound)
        try backLarge(giants.upperBound..<units.upperBound)
    }

    private func backLarge(_ units: Range<Int>) throws(BlobError) {
        guard !units.isEmpty else { return }
        if residency.hugePages != .off {
            if map(units, shift: Shift.large) { return try place(units) }
            try miss(.hugePages)
        }
        guard map(units, shift: 0) else { return try miss(.memory) }
        try place(units, joins: residency.transparentHugePages != .off)
    }

    /// Whether there are such pages; they are set aside at once, so that no later use can fail.
    private func map(_ units: Range<Int>, shift: Int32) -> Bool {
        packetfs_arena_map(address(units), length(units), shift) == 0
    }

    /// What is not as it is required has no pages.
    private func place(_ units: Range<Int>, joins: Bool = false) throws(BlobError) {
        do throws(BlobError) {
            try settle(units, joins: joins)
        } catch {
            _ = packetfs_arena_free(address(units), length(units))
            throw error
        }
        backed.formUnion(units)
    }

    /// Binds before the first byte is written, for pages are placed when they are touched; locking touches them.
    private func settle(_ units: Range<Int>, joins: Bool) throws(BlobError) {
        if joins, packetfs_arena_join(address(units), length(units)) != 0 { try miss(.transparentHugePages) }
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

    private func address(_ units: Range<Int>) -> UnsafeMutableRawPointer { base + units.lowerBound * ArenaUnits.size }
    private func length(_ units: Range<Int>) -> Int { units.count * ArenaUnits.size }

    /// The greatest part of the range that begins and ends at multiples of `1 << shift`.
    private static func aligned(_ units: Range<Int>, to shift: Int) -> Range<Int> {
        let step = 1 << shift
        let lower = (units.lowerBound + step - 1) / step * step
        let upper = units.upperBound / step * step
        return lower < upper ? lower..<upper : 0..<0
    }
}
