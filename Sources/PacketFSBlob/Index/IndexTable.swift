private import CLinux
import PacketFSWire
import Synchronization

/// The buckets of an index in mapped memory: a linear hash table that grows one bucket at a time, in place.
///
/// Slots are loaded and stored whole, so a reader beside a writer sees an old slot or a new one. What it makes of a
/// table in the middle of a split is a missing or a wrong candidate, never an access out of bounds: every access takes
/// the count of buckets that the caller has checked against the file.
struct IndexTable {
    static let slotsPerBucket = 8
    static let bucketBytes = 64
    /// Addresses kept for one hash.
    static let addressesPerHash = 4

    private let slots: UnsafeMutablePointer<Atomic<UInt64>>

    init(_ base: UnsafeMutableRawPointer) {
        slots = base.assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// The bucket of a hash, and how many of the hash's low bits its number uses up.
    static func place(_ hash: UInt64, buckets: UInt64) -> (bucket: Int, level: UInt64) {
        let level = UInt64(63 - buckets.leadingZeroBitCount)
        let low = hash & ((1 << level) - 1)
        guard low < buckets - (1 << level) else { return (Int(low), level) }
        return (Int(hash & ((2 << level) - 1)), level + 1)
    }

    func prefetch(_ hash: UInt64, buckets: UInt64) {
        packetfs_prefetch(slots + Self.place(hash, buckets: buckets).bucket * Self.slotsPerBucket)
    }

    /// Calls `body` for each address that may have `hash`.
    func forEach(_ hash: UInt64, buckets: UInt64, highest: UInt64, _ body: (UInt64) -> Void) {
        let (bucket, level) = Self.place(hash, buckets: buckets)
        let check = IndexSlot.check(hash >> level)
        let first = slots + bucket * Self.slotsPerBucket
        for offset in look(at: first, for: check, highest: highest).hits {
            let slot = IndexSlot(bits: first[offset].load(ordering: .relaxed))
            // Somebody may have written there since.
            if slot.matches(check: check), slot.isUsed(highest: highest) { body(slot.address) }
        }
    }

    /// Which slots of a bucket are used, and which of these may have a hash.
    @inline(__always)
    private func look(
        at first: UnsafeMutablePointer<Atomic<UInt64>>, for check: UInt64, highest: UInt64
    ) -> (used: SlotSet, hits: SlotSet) {
        var (used, hits) = (0, 0)
        // Without a branch, for no processor could foretell it.
        var offset = Self.slotsPerBucket
        while offset > 0 {
            offset &-= 1
            let slot = IndexSlot(bits: first[offset].load(ordering: .relaxed))
            used = used << 1 | (slot.isUsed(highest: highest) ? 1 : 0)
            hits = hits << 1 | (slot.matches(check: check) ? 1 : 0)
        }
        return (SlotSet(bits: used), SlotSet(bits: hits & used))
    }

    /// Adds an address; returns whether it took a slot that was free. A full bucket loses its oldest (lowest) address,
    /// and a hash with enough of them its own oldest.
    func insert(_ hash: UInt64, address: UInt64, buckets: UInt64, highest: UInt64) -> Bool {
        let (bucket, level) = Self.place(hash, buckets: buckets)
        let first = slots + bucket * Self.slotsPerBucket
        let new = IndexSlot(address: address, rest: hash >> level)
        let check = IndexSlot.check(hash >> level)
        let (used, hits) = look(at: first, for: check, highest: highest)
        let address = { (offset: Int) in IndexSlot(bits: first[offset].load(ordering: .relaxed)).address }
        guard !hits.contains(where: { address($0) == new.address }) else { return false }
        let isCrowded = hits.count >= Self.addressesPerHash
        let free = isCrowded ? nil : used.highestOther
        let oldest = { (isCrowded ? hits : used).min { address($0) < address($1) } ?? 0 }
        first[free ?? oldest()].store(new.bits, ordering: .relaxed)
        return free != nil
    }

    /// Takes an address out; returns whether it was there.
    func remove(_ hash: UInt64, address: UInt64, buckets: UInt64, highest: UInt64) -> Bool {
        let (bucket, level) = Self.place(hash, buckets: buckets)
        let first = slots + bucket * Self.slotsPerBucket
        for offset in look(at: first, for: IndexSlot.check(hash >> level), highest: highest).hits
        where IndexSlot(bits: first[offset].load(ordering: .relaxed)).address == address {
            first[offset].store(0, ordering: .relaxed)
            return true
        }
        return false
    }

    /// Takes out every address that is gone; returns how many.
    func remove(buckets: UInt64, highest: UInt64, where isGone: (UInt64) -> Bool) -> UInt64 {
        var removed: UInt64 = 0
        for offset in 0..<Int(buckets) * Self.slotsPerBucket {
            let slot = IndexSlot(bits: slots[offset].load(ordering: .relaxed))
            guard slot.isUsed(highest: highest), isGone(slot.address) else { continue }
            slots[offset].store(0, ordering: .relaxed)
            removed += 1
        }
        return removed
    }

    /// Makes bucket number `buckets` out of the bucket that is next in turn; returns the slots lost.
    func split(buckets: UInt64) -> UInt64 {
        let level = UInt64(63 - buckets.leadingZeroBitCount)
        let source = slots + Int(buckets - (1 << level)) * Self.slotsPerBucket
        let target = slots + Int(buckets) * Self.slotsPerBucket
        var lost: UInt64 = 0
        for offset in 0..<Self.slotsPerBucket {
            let bits = source[offset].load(ordering: .relaxed)
            let split = bits == 0 ? nil : IndexSlot(bits: bits).split()
            if bits != 0, split == nil { lost += 1 }
            let up = split.map { $0.goesUp ? $0.slot.bits : 0 } ?? 0
            let down = split.map { $0.goesUp ? 0 : $0.slot.bits } ?? 0
            target[offset].store(up, ordering: .relaxed)
            source[offset].store(down, ordering: .relaxed)
        }
        return lost
    }

    func clear(buckets: UInt64) {
        for offset in 0..<Int(buckets) * Self.slotsPerBucket {
            slots[offset].store(0, ordering: .relaxed)
        }
    }
}

/// Offsets of slots in their bucket, ascending.
private struct SlotSet: Sequence, IteratorProtocol {
    /// Bit n tells of slot n.
    var bits: Int

    var count: Int { bits.nonzeroBitCount }

    /// The highest that is not in the set; `nil` if all are.
    var highestOther: Int? {
        let others = ~bits & (1 << IndexTable.slotsPerBucket - 1)
        return others == 0 ? nil : Int.bitWidth - 1 - others.leadingZeroBitCount
    }

    mutating func next() -> Int? {
        guard bits != 0 else { return nil }
        defer { bits &= bits - 1 }
        return bits.trailingZeroBitCount
    }
}
