import PacketFSBlob
import PacketFSPlan
import PacketFSStore
import PacketFSWire

/// Plans the transfer of those extents that were added to our log and that the peer's replica does not hold yet: the first
/// of them, for what was not acknowledged when a session ends is sent anew.
struct ProvisionPlanner: OutgoingPlanner {
    /// Bytes that are sent at a time, unless one extent is longer: few enough for a session at 40 KB/s.
    static let portion: UInt64 = 256 << 20

    let addition: BlobAddition
    var portion = Self.portion
    let own: OwnLog
    /// The session's integrity key for a transfer.
    let tagger: (TransferID) -> any LeafTagger

    /// Added extents are sent without a pad.
    func check(fits left: UInt64, while wish: Wish) {}

    /// There is nothing to take up: what an interrupted session brought is not held before it is acknowledged.
    func plan(actual: [Extent]?, partial: PartialState?, while wish: Wish) throws -> any Outgoing {
        if let actual {
            try own.replaceAcknowledged(by: actual)
            // What the receiver dropped may have been the reason to leave a file out.
            try addition.run(in: own, while: wish)
        }
        let drops = try own.drops()
        let holdings = try own.holdings()
        let extents = try own.provisioned().first(upTo: portion)
        let transfer = TransferID.random()
        let records = try LogPlanner(
            transfer: transfer, extents: extents, log: own.log, tagger: tagger(transfer),
            compresses: addition.job.options.compresses)
        let offer = Offer(
            transfer: transfer, destination: "", options: TransferOptions(), log: own.id,
            holdingsDigest: holdings.digest, provisions: true)
        return Provision(
            offer: offer, records: records, extents: extents,
            knownOfActual: actual.flatMap { $0 == holdings.extents ? nil : holdings.extents }, own: own, drops: drops)
    }
}

extension [Extent] {
    /// One at least, and no more than make up so many bytes.
    fileprivate func first(upTo bytes: UInt64) -> [Extent] {
        var total: UInt64 = 0
        return Array(
            prefix { extent in
                defer { total += UInt64(extent.range.length) }
                return total == 0 || total + UInt64(extent.range.length) <= bytes
            })
    }
}

/// Extents of our log on their way to the peer's replica.
private final class Provision: Outgoing {
    let offer: Offer
    let records: any RecordSource
    let knownOfActual: [Extent]?
    private let extents: [Extent]
    private let own: OwnLog
    private let drops: LogDrops

    init(
        offer: Offer, records: any RecordSource, extents: [Extent], knownOfActual: [Extent]?, own: OwnLog,
        drops: LogDrops
    ) {
        self.offer = offer
        self.records = records
        self.extents = extents
        self.knownOfActual = knownOfActual
        self.own = own
        self.drops = drops
    }

    var isDoubtful: Bool { drops.areUntold }

    func accepted() throws {
        try own.accepted(knowing: drops)
    }

    /// The extents were durable before they were offered.
    func finishLearning() {}

    func complete(_ receipt: Receipt) throws {
        let confirmed = Set(receipt.learned)
        try own.acknowledge(extents.filter(confirmed.contains))
    }

    func forget() {}

    func abandon() {}

    func warnings(from receipt: Receipt) -> [TransferWarning] { [] }

    func count(in summary: inout TransferSummary) {
        summary.contentBytes += records.contentLength
    }
}
