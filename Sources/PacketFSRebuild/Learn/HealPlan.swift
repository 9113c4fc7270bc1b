import PacketFSBlob
import PacketFSWire

/// Gathers what repaired leaves tell about damaged extents, and puts these right at the end: only ever with bytes that
/// restore an extent's own digest.
struct HealPlan {
    /// Patches that are remembered, and bytes of them that are tried on one extent.
    private static let capacity = 1 << 18
    private static let patchBytes = 2 * Limits.extent
    /// Bytes of extents that one transfer has read again. What is damaged beyond them shows in the next, or to whoever
    /// verifies the whole blob.
    static let verifiedBytes = 64 * Limits.extent

    private let log: Log
    private let extents: [Extent]
    private let scratch: ScratchFile
    private let gate: any WriteGate
    private var suspects: Set<Int> = []
    private var patches: [(range: AddressRange, offset: UInt64)] = []
    private var end: UInt64 = 0

    /// `extents`: what the replica holds, sorted and disjoint.
    init(log: Log, extents: [Extent], scratch: ScratchFile, gate: any WriteGate) {
        self.log = log
        self.extents = extents
        self.scratch = scratch
        self.gate = gate
    }

    /// Notes that the bytes of `range` may be damaged.
    mutating func suspect(_ range: AddressRange) {
        var index = firstExtent(endingAfter: range.address)
        while index < extents.count, extents[index].range.address < range.end {
            suspects.insert(index)
            index += 1
        }
    }

    /// Compares what a repaired leaf copied with what it should have copied. What an add should have found there cannot
    /// be told from what it gave: its source is a suspect if any of `parts`, which were wrong, has bytes of it.
    mutating func learn(
        from leaf: UnsafeRawBufferPointer, descriptors: [Descriptor], parts: Set<Int>
    ) throws(RebuildError) {
        var offset = 0
        for descriptor in descriptors {
            defer { offset += descriptor.length }
            guard let range = descriptor.source else { continue }
            guard descriptor.kind == .copy else {
                let (first, last) = (offset / Limits.part, (offset + descriptor.length - 1) / Limits.part)
                if (first...last).contains(where: parts.contains) { suspect(range) }
                continue
            }
            let right = leaf.part(offset..<offset + range.length)
            guard !log.bytes(range).withUnsafeBytes({ $0.isEqual(to: right) }) else { continue }
            suspect(range)
            guard patches.count < Self.capacity else { continue }
            try scratch.write(right, at: end)
            patches.append((range, end))
            end += UInt64(range.length)
        }
    }

    /// The suspects that were damaged, by whether they are whole again.
    func heal(verifying most: Int = verifiedBytes) throws(RebuildError) -> (healed: [Extent], lost: [Extent]) {
        var healed: [Extent] = []
        var lost: [Extent] = []
        var left = most
        for index in suspects.sorted() {
            let extent = extents[index]
            left -= extent.range.length
            guard left >= 0 else { break }
            guard !Healer.verify(extent, in: log) else { continue }
            do { try gate.pass(.heal) } catch { throw error.fatal ?? .replica }
            let isWhole = heal(extent, try patches(for: extent.range))
            if isWhole { healed.append(extent) } else { lost.append(extent) }
        }
        return (healed, lost)
    }

    /// A replica that cannot be written loses the extent, and the transfer nothing.
    private func heal(_ extent: Extent, _ patches: [Patch]) -> Bool {
        (try? Healer.heal(log: log, extent: extent, patches: patches)) ?? false
    }

    private func patches(for range: AddressRange) throws(RebuildError) -> [Patch] {
        var chosen: [Patch] = []
        var total = 0
        for patch in patches where patch.range.address < range.end && range.address < patch.range.end {
            total += patch.range.length
            guard total <= Self.patchBytes else { break }
            var bytes = [UInt8](repeating: 0, count: patch.range.length)
            try bytes.withMutableRawBytes { bytes throws(RebuildError) in
                try scratch.read(into: bytes, at: patch.offset)
            }
            chosen.append(Patch(address: patch.range.address, bytes: bytes))
        }
        return chosen
    }

    private func firstExtent(endingAfter address: UInt64) -> Int {
        extents.partitionPoint { $0.range.end <= address }
    }
}
