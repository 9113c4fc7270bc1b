internal import CLinux
internal import Glibc

/// Finds short matches in the parts of the log that a leaf most likely resembles: an index of nearly every place of them,
/// in memory, for the transfer. Everything that comes out is a hint: the caller compares bytes.
final class DenseIndex {
    private static let logStep: UInt64 = 1
    private static let logBlock: UInt64 = 16
    /// Bits of an entry that tell places of one bucket apart: most that are not meant cost no look into the log.
    private static let logCheck: UInt64 = 8
    private static let logPlace = logBlock - logStep + logCheck
    private static let fewestBuckets = 1 << 10
    private static let mostBuckets = 1 << 21
    /// Buckets for each place that is entered: much of a log stands in it several times, and what does fills its bucket.
    private static let bucketsForPlace = 8
    private static let checkShift: UInt64 = 35
    /// Bytes of the log that are entered at most. With more the index starts anew: a stream moves on.
    static let capacity = 24 << 20
    private static let hugePage = 2 << 20
    private static let mostBlocks = capacity >> 16 + 64
    /// Places between that which is entered and that whose bucket is sent for.
    private static let lookahead = 32

    /// A place: from the highest bit on the number of its block, from 1, the step in it, and bits of its hash.
    private var table: UnsafeMutablePointer<SIMD4<UInt32>>
    /// A power of two. Every page of the table is soon touched, so it is no larger than there are places.
    private var buckets: Int
    /// What of a hash names a bucket: bits above `checkShift + logCheck`.
    private var shift: UInt64
    private var numbers: [UInt64: Int] = [:]
    private var blocks: [UInt64] = []
    /// Bytes that a match must have to be found; with one byte more, it always is.
    let window: Int

    /// `window`: 8 to 16.
    init(window: Int) {
        self.window = window
        (table, buckets, shift) = Self.empty(Self.fewestBuckets)
    }

    deinit {
        free(table)
    }

    /// Enters what `ranges` of the log hold, as far as there is room. `log`: from address 0 on.
    func enter(_ ranges: [Range<UInt64>], of log: UnsafeRawBufferPointer) {
        let wanted = ranges.lazy.flatMap { $0.lowerBound >> Self.logBlock...($0.upperBound - 1) >> Self.logBlock }
        let missing = wanted.filter { [numbers] in numbers[$0] == nil }.count
        guard missing > 0 else { return }
        if blocks.count + missing > Self.mostBlocks { forget() }
        grow(toHold: min((blocks.count + missing) << Int(Self.logBlock), log.count) >> Int(Self.logStep), of: log)
        for block in wanted where numbers[block] == nil && blocks.count < Self.mostBlocks {
            blocks.append(block)
            numbers[block] = blocks.count
            enter(block, number: blocks.count, of: log)
        }
    }

    /// At most four addresses (zero: none) whose bytes may equal those at `place`, which has a window of them.
    @inline(__always)
    func candidates(_ place: UnsafeRawPointer) -> SIMD4<UInt64> {
        let hash = hash(place)
        let bucket = table[Int(hash &>> shift)]
        let others = bucket & (1 << UInt32(Self.logCheck) &- 1) .!= Self.check(hash)
        guard others != SIMDMask(repeating: true) else { return SIMD4() }
        let entries = bucket.replacing(with: 0, where: others)
        return SIMD4(address(entries[0]), address(entries[1]), address(entries[2]), address(entries[3]))
    }

    /// Sends for what `candidates` will look at.
    @inline(__always)
    func prefetch(_ place: UnsafeRawPointer) {
        packetfs_prefetch(table + Int(hash(place) &>> shift))
    }

    @inline(__always)
    private func address(_ entry: UInt32) -> UInt64 {
        let number = Int(entry >> UInt32(Self.logPlace))
        guard number != 0 else { return 0 }
        let step = UInt64(entry >> UInt32(Self.logCheck)) & (1 << (Self.logBlock - Self.logStep) - 1)
        return blocks[number &- 1] << Self.logBlock | step << Self.logStep
    }

    private func enter(_ block: UInt64, number: Int, of log: UnsafeRawBufferPointer) {
        guard let base = log.baseAddress else { return }
        let start = Int(block << Self.logBlock)
        let end = min(start + 1 << Int(Self.logBlock), log.count - window)
        let number = UInt32(number) << UInt32(Self.logPlace)
        let ahead = Self.lookahead << Int(Self.logStep)
        for place in stride(from: start, to: end, by: 1 << Int(Self.logStep)) {
            if place + ahead < end { prefetch(base + place + ahead) }
            let hash = hash(base + place)
            let bucket = table + Int(hash &>> shift)
            let old = bucket.pointee
            let step = UInt32(truncatingIfNeeded: place &- start) >> UInt32(Self.logStep)
            bucket.pointee = SIMD4(number | step << UInt32(Self.logCheck) | Self.check(hash), old[0], old[1], old[2])
        }
    }

    /// A table in which so many places seldom drive others out, if it may be so large.
    private func grow(toHold places: Int, of log: UnsafeRawBufferPointer) {
        var wanted = buckets
        while wanted < min(places * Self.bucketsForPlace, Self.mostBuckets) { wanted *= 2 }
        guard wanted > buckets else { return }
        free(table)
        (table, buckets, shift) = Self.empty(wanted)
        for (index, block) in blocks.enumerated() { enter(block, number: index + 1, of: log) }
    }

    private func forget() {
        table.update(repeating: SIMD4(), count: buckets)
        numbers.removeAll(keepingCapacity: true)
        blocks.removeAll(keepingCapacity: true)
    }

    private static func empty(_ buckets: Int) -> (UnsafeMutablePointer<SIMD4<UInt32>>, Int, UInt64) {
        let byteCount = buckets * MemoryLayout<SIMD4<UInt32>>.stride
        guard let memory = calloc(1, byteCount) else { preconditionFailure("out of memory") }
        // Places are anywhere in the table: with plain pages, finding the page would cost as much as reading it. Whether
        // there are huge ones does not matter.
        let start = memory.alignedUp(toMultipleOf: hugePage)
        let count = (memory + byteCount).alignedDown(toMultipleOf: hugePage) - start
        if count > 0 { _ = madvise(start, count, MADV_HUGEPAGE) }
        let table = memory.bindMemory(to: SIMD4<UInt32>.self, capacity: buckets)
        return (table, buckets, UInt64(UInt64.bitWidth - buckets.trailingZeroBitCount))
    }

    @inline(__always)
    private func hash(_ place: UnsafeRawPointer) -> UInt64 {
        let (first, last) = (ByteCompare.word(place), ByteCompare.word(place + window - 8))
        return (first ^ last &* 0xc2b2_ae3d_27d4_eb4f) &* 0x9e37_79b9_7f4a_7c15
    }

    @inline(__always)
    private static func check(_ hash: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: hash >> checkShift) & (1 << UInt32(logCheck) &- 1)
    }
}
