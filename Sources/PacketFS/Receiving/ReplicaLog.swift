import PacketFSBlob
import PacketFSRebuild
import PacketFSStore
import PacketFSWire

/// Our replica of a peer's log, with its records.
final class ReplicaLog {
    let log: Log
    private let record: LogRecord
    private let store: Store
    private let gate: any WriteGate
    /// Brings what is held into memory, if it is to be there.
    private let load: (Holdings) throws -> Void

    init(
        record: LogRecord, log: Log, store: Store, gate: any WriteGate, load: @escaping (Holdings) throws -> Void
    ) {
        self.load = load
        self.record = record
        self.log = log
        self.store = store
        self.gate = gate
    }

    func holdings() throws -> Holdings {
        let holdings = try store.holdings(of: record)
        try load(holdings)
        return holdings
    }

    /// Records extents whose bytes are durable in the log, with the first and the last path whose bytes they hold.
    /// `transfer` is `nil` for those that the peer added.
    func insert(_ extents: [(extent: Extent, first: [UInt8], last: [UInt8])], transfer: TransferID?) throws {
        try gate.pass(.record)
        let now = WallClock.seconds
        try store.insert(
            extents.map {
                ExtentRecord(
                    extent: $0.extent, state: .held, transfer: transfer, firstPath: $0.first, lastPath: $0.last,
                    learnedAt: now)
            }, in: record)
    }

    /// Keeps only what is named; the rest is dropped and its bytes freed.
    func retain(_ extents: [Extent]) throws {
        try gate.pass(.record)
        let kept = Set(extents)
        try drop(store.extents(in: record).map(\.extent).filter { !kept.contains($0) })
    }

    /// Drops extents and frees their bytes.
    func drop(_ extents: [Extent]) throws {
        try gate.pass(.record)
        for extent in try store.drop(extents, in: record) { try log.punch(extent.range) }
    }
}
