import PacketFSBlob
import PacketFSStore
import PacketFSWire

/// Our replica of a peer's log, with its records.
final class ReplicaLog {
    let log: Log
    private let record: LogRecord
    private let store: Store

    init(record: LogRecord, log: Log, store: Store) {
        self.record = record
        self.log = log
        self.store = store
    }

    func holdings() throws -> Holdings {
        try store.holdings(of: record)
    }

    /// Records extents whose bytes are durable in the log.
    func insert(_ extents: [Extent], transfer: TransferID, paths: (first: [UInt8], last: [UInt8])) throws {
        let now = WallClock.seconds
        try store.insert(
            extents.map {
                ExtentRecord(
                    extent: $0, state: .held, transfer: transfer, firstPath: paths.first, lastPath: paths.last,
                    learnedAt: now)
            }, in: record)
    }

    /// Keeps only what is named; the rest is dropped and its bytes freed.
    func retain(_ extents: [Extent]) throws {
        let kept = Set(extents)
        try drop(store.extents(in: record).map(\.extent).filter { !kept.contains($0) })
    }

    /// Drops extents and frees their bytes.
    func drop(_ extents: [Extent]) throws {
        for extent in try store.drop(extents, in: record) { try log.punch(extent.range) }
    }
}
