import PacketFSWire
import Synchronization

/// The first 64 bytes of an index file, in the byte order of the machine (`Specs/blob.md` §4): eight words.
struct IndexHeader {
    static let byteCount = 64
    static let minimumBuckets: UInt64 = 32
    /// "packetfs index", a version and the parameters of the anchors, in one number.
    private static let magic: UInt64 =
        0x7066_7369_6e64_0002 ^ UInt64(Anchors.window) << 16 ^ UInt64(Anchors.spacing) << 24

    private let words: UnsafeMutablePointer<Atomic<UInt64>>

    init(_ base: UnsafeMutableRawPointer) {
        words = base.assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// Count of buckets: the last thing that growth stores.
    var buckets: UInt64 {
        get { words[4].load(ordering: .acquiring) }
        nonmutating set { words[4].store(newValue, ordering: .releasing) }
    }

    /// Slots in use, about.
    var occupied: UInt64 {
        get { words[5].load(ordering: .relaxed) }
        nonmutating set { words[5].store(newValue, ordering: .relaxed) }
    }

    /// Highest address inserted.
    var highest: UInt64 {
        get { words[6].load(ordering: .relaxed) }
        nonmutating set { words[6].store(newValue, ordering: .relaxed) }
    }

    /// Whether everything that the log held was inserted at some time.
    var isComplete: Bool {
        get { words[7].load(ordering: .relaxed) == 1 }
        nonmutating set { words[7].store(newValue ? 1 : 0, ordering: .relaxed) }
    }

    func initialise(log: LogID) {
        for (offset, word) in Self.identity(log).enumerated() { words[offset].store(word, ordering: .relaxed) }
        occupied = 0
        highest = 0
        isComplete = false
        buckets = Self.minimumBuckets
    }

    /// Whether this is an index of `log` by this version, and its numbers fit a file of `size` bytes.
    func isValid(log: LogID, size: UInt64) -> Bool {
        for (offset, word) in Self.identity(log).enumerated() {
            guard words[offset].load(ordering: .relaxed) == word else { return false }
        }
        guard buckets >= Self.minimumBuckets, buckets <= Self.buckets(inFileOf: size) else { return false }
        guard occupied <= buckets * UInt64(IndexTable.slotsPerBucket) else { return false }
        return highest < IndexSlot.addressLimit
    }

    /// Whole buckets in a file of `size` bytes.
    static func buckets(inFileOf size: UInt64) -> UInt64 {
        size < UInt64(byteCount) ? 0 : (size - UInt64(byteCount)) / UInt64(IndexTable.bucketBytes)
    }

    /// Bytes of a file with `buckets` buckets.
    static func size(buckets: UInt64) -> UInt64 {
        UInt64(byteCount) + buckets * UInt64(IndexTable.bucketBytes)
    }

    /// Words 0 to 3: magic, log, and a check of them.
    private static func identity(_ log: LogID) -> [UInt64] {
        let halves = [log.bytes.prefix(8), log.bytes.suffix(8)].map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
        let check = ([magic] + halves).reduce(0) { Anchors.mixed($0 ^ $1) }
        return [magic] + halves + [check]
    }
}
