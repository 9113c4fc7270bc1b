import PacketFSBlob
import PacketFSEngine
import PacketFSRebuild
import PacketFSWire

/// Extents of the peer's log that arrive for our replica, and touch no file.
final class IncomingExtents: Incoming {
    private let transfer: TransferID
    private let replica: ReplicaLog
    private let receiver: ExtentReceiver

    init(
        offer: Offer, replica: ReplicaLog, holdings: Holdings, tagger: any LeafTagger, gate: any WriteGate
    ) throws {
        transfer = offer.transfer
        self.replica = replica
        receiver = try ExtentReceiver(
            transfer: offer.transfer, learning: ExtentBuilder(log: replica.log, held: RunSet(holdings.runs)),
            tagger: tagger, gate: gate)
    }

    var isComplete: Bool { receiver.isComplete }

    var progress: Progress {
        var progress = Progress()
        progress.phase = .transferring
        progress.bytesDone = receiver.verified
        progress.bytesTotal = receiver.announced ?? 0
        return progress
    }

    func takesLong(_ record: DataRecord) -> Bool { false }
    func takesLong(_ leaf: LeafID) -> Bool { false }

    func rebuild(_ record: DataRecord) throws -> Receiver.Rebuilt {
        try receiver.record(record)
        return .done
    }

    // A leaf that fails ends the transfer, so there is no repair; and there are no entries.

    func wrongParts(of leaf: LeafID, tags: [UInt8]) throws -> [Int] { throw EngineError.unexpectedMessage }

    func patch(_ leaf: LeafID, part: Int, offset: Int, bytes: [UInt8]) throws -> (Receiver.Patched, Receiver.Rebuilt) {
        throw EngineError.unexpectedMessage
    }

    func drop(_ entries: [FailedEntry]) throws { throw EngineError.unexpectedMessage }

    func commit() throws -> Receipt {
        let learned = try receiver.finish()
        try replica.insert(learned.map { (extent: $0, first: [], last: []) }, transfer: nil)
        return Receipt(transfer: transfer, learned: learned)
    }

    func giveUp() {}
    func interrupt(within _: CutLeaf?) {}

    func warnings(from receipt: Receipt) -> [TransferWarning] { [] }

    func count(in summary: inout TransferSummary) {
        summary.contentBytes += receiver.verified
    }
}
