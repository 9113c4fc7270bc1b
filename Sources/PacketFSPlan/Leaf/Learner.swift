internal import PacketFSBlob
internal import PacketFSWire

/// Keeps what a transfer teaches: the bytes go to the log, their anchors to the index.
struct Learner {
    /// Addresses are reserved in stretches of this many bytes, for each reservation is made durable.
    private static let stretch = 64 << 20
    /// Fewer learned bytes in a leaf are not worth an extent.
    static let least = 32
    /// So many bytes are kept once more for each address that the next version is spared.
    static let leap = 128 << 10
    /// Bytes that wait for the index at most: the end of a transfer waits for them.
    private static let late = 256 << 20

    private let log: Log
    private let index: MatchIndex?
    private let reserve: (Int) throws -> AddressRange
    private var builder: ExtentBuilder
    private var free = AddressRange(address: 0, length: 0)
    private var batch: [Anchor] = []
    /// What the index is told of later.
    private var again: [AddressRange] = []

    init(
        log: Log, index: MatchIndex?, acknowledged: RunSet, reserve: @escaping (Int) throws -> AddressRange
    ) {
        self.log = log
        self.index = index
        self.reserve = reserve
        builder = ExtentBuilder(log: log, held: acknowledged)
    }

    /// A durable address for the learned bytes of one leaf. `ahead`: bytes of the stream that may need one, too.
    mutating func address(for count: Int, ahead: UInt64) throws(PlanError) -> UInt64 {
        if free.length < count {
            let wanted = max(count, Int(min(UInt64(Self.stretch), ahead)))
            let range: AddressRange
            do { range = try reserve(wanted) } catch { throw PlanError(ofLog: error) }
            guard range.length >= count, range.isWithinLimits else { throw .blob }
            if range.address == free.end { free.length += range.length } else { free = range }
        }
        defer { free = AddressRange(address: free.address + UInt64(count), length: free.length - count) }
        return free.address
    }

    /// Writes the learned bytes of a leaf, in leaf order.
    mutating func learn(_ bytes: UnsafeRawBufferPointer, at address: UInt64) throws(PlanError) {
        do throws(BlobError) {
            try builder.append(bytes, at: address)
        } catch {
            throw PlanError(ofLog: error)
        }
    }

    /// Enters the anchors of a leaf that was learned as a whole into the index.
    mutating func index(_ anchors: borrowing AnchorList, at address: UInt64) {
        guard let index, anchors.count > 0 else { return }
        batch.removeAll(keepingCapacity: true)
        for number in 0..<anchors.count {
            batch.append(Anchor(hash: anchors.hashes[number], address: address + UInt64(anchors.ends[number])))
        }
        index.insert(batch)
    }

    /// Enters the anchors of learned bytes into the index, also those across the border of two literals.
    func index(_ learned: UnsafeRawBufferPointer, at address: UInt64) {
        index?.insert(learned, at: address)
    }

    /// Has what was kept once more entered into the index at the end, or once it is much: until then, an older place of the
    /// same bytes is as good, and must not make room for this one.
    mutating func indexLater(_ range: AddressRange) {
        defer { if again.reduce(0, { $0 + $1.length }) >= Self.late { indexAgain() } }
        if let last = again.indices.last, again[last].end == range.address {
            again[last].length += range.length
        } else {
            again.append(range)
        }
    }

    private mutating func indexAgain() {
        index?.insert(log, RunSet(again))
        again = []
    }

    /// What follows begins a new extent.
    mutating func cut() {
        builder.cut()
    }

    /// The addresses that were reserved last and given to no leaf; they are the caller's now.
    mutating func takeUnused() -> AddressRange? {
        defer { free.length = 0 }
        return free.length > 0 ? free : nil
    }

    /// Makes it all durable.
    mutating func finish() throws(PlanError) -> [Extent] {
        let extents: [Extent]
        do throws(BlobError) {
            extents = try builder.finish()
        } catch {
            throw PlanError(ofLog: error)
        }
        indexAgain()
        return extents
    }
}
