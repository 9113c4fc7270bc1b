import PacketFSBlob
import PacketFSPlan
import PacketFSRebuild
import PacketFSStore
import PacketFSWire

/// Our log for one peer, with its index and its records. Addresses are reserved durably and never used twice.
final class OwnLog {
    /// Addresses reserved at a time, in bytes: each reservation is a flush of the store.
    private static let chunk = 64 << 20

    let log: Log
    let index: MatchIndex
    private let record: LogRecord
    private let store: Store
    private let gate: any WriteGate

    init(record: LogRecord, log: Log, index: MatchIndex, store: Store, gate: any WriteGate) {
        self.record = record
        self.log = log
        self.index = index
        self.store = store
        self.gate = gate
    }

    var id: LogID { record.id }

    func holdings() throws -> Holdings {
        try store.holdings(of: record)
    }

    /// Addresses for at least `bytes` bytes.
    func reserve(_ bytes: Int) throws(PlanError) -> AddressRange {
        try reserve(exactly: max(bytes, Self.chunk))
    }

    /// So many addresses, and no more.
    func reserve(exactly bytes: Int) throws(PlanError) -> AddressRange {
        do {
            try gate.pass(.record)
            return try store.reserve(bytes: bytes, in: record)
        } catch StoreError.diskFull {
            throw .diskFull
        } catch {
            throw .blob
        }
    }

    /// The extents that were added, of no transfer, and that the peer does not hold yet.
    func provisioned() throws -> [Extent] {
        try store.extents(in: record).filter { $0.state == .pending && $0.transfer == nil }.map(\.extent)
    }

    /// Records extents that are about to be sent, with the first and the last path whose bytes they hold. `transfer`
    /// is `nil` for those that were added without one.
    /// `unused`: addresses that were reserved last and never named.
    func insert(
        _ extents: [(extent: Extent, first: [UInt8], last: [UInt8])], transfer: TransferID?,
        releasing unused: AddressRange? = nil
    ) throws {
        try gate.pass(.record)
        guard !extents.isEmpty || unused != nil else { return }
        try log.sync()
        let now = WallClock.seconds
        let records = extents.map {
            ExtentRecord(
                extent: $0.extent, state: .pending, transfer: transfer, firstPath: $0.first, lastPath: $0.last,
                learnedAt: now)
        }
        try store.transaction { () throws(StoreError) in
            try store.insert(records, in: record)
            if let unused { try store.release(unused, in: record) }
        }
    }

    /// Gives back addresses that were reserved last and never named.
    func release(_ unused: AddressRange) throws {
        try gate.pass(.record)
        try store.release(unused, in: record)
    }

    /// Frees what was written to addresses that were reserved and never named, and gives back those that are still the last.
    func undo(_ reserved: [AddressRange]) throws {
        for range in reserved.reversed() {
            index.remove(range, of: log)
            try log.punch(range)
            try release(range)
        }
    }

    func acknowledge(_ extents: [Extent]) throws {
        try gate.pass(.record)
        guard !extents.isEmpty else { return }
        _ = try store.acknowledge(extents, in: record)
    }

    /// The receiver said what it really holds: the rest is of no use any more.
    func replaceAcknowledged(by extents: [Extent]) throws {
        try gate.pass(.record)
        try free(store.replaceAcknowledged(by: extents, in: record).dropped)
    }

    /// What was dropped and may be held by the peer all the same: asked for before the holdings that are offered.
    func drops() throws -> LogDrops {
        try store.drops(in: record)
    }

    /// The receiver took an offer that was made in knowledge of `drops`.
    func accepted(knowing drops: LogDrops) throws {
        if drops.areUntold {
            try gate.pass(.record)
            try store.tell(drops, in: record)
        }
        try dropInterrupted()
    }

    /// The receiver holds what we believed, and nothing of what interrupted transfers left.
    func dropInterrupted() throws {
        let interrupted = try store.interrupted(in: record)
        guard !interrupted.isEmpty else { return }
        try gate.pass(.record)
        try free(store.drop(interrupted, in: record))
    }

    private func free(_ extents: [Extent]) throws {
        for extent in extents { try log.punch(extent.range) }
    }
}
