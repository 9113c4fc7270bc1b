import PacketFSBlob
import PacketFSChannel
import PacketFSEngine
import PacketFSRebuild
import PacketFSStore
import PacketFSWire

/// Decides what an offer meets here: whether policy allows it, what we hold, and what an interrupted transfer left.
struct ReceivingDesk {
    let domain: PeerDomain
    let placement: Placement
    /// The session's integrity key for a transfer.
    let tagger: (TransferID) -> any LeafTagger

    func prepare(_ offer: Offer) throws -> (Receiver.Preparation, (any Incoming)?) {
        if offer.provisions { return try prepareExtents(offer) }
        let replica = try domain.openReplica(of: offer.log)
        let holdings = try replica.holdings()
        let place: Placement.Place
        do {
            place = try placement.place(offer, gate: domain.gate)
        } catch let refusal as AbortReason {
            return (.refused(refusal), nil)
        }
        let journal = ReceivingJournal(domain: domain, path: place.path)
        let differs = holdings.digest != offer.holdingsDigest
        let mayResume = offer.resumes != nil && offer.continues == nil
        let left = mayResume ? try journal.partialState(in: place, cleans: !offer.options.isDryRun) : nil
        if differs || left != nil {
            let partial = PartialState(voids: offer.transfer, transfer: left?.transfer, files: left?.files ?? [])
            return (.differs(holdings: differs ? holdings.extents : nil, partial: partial), nil)
        }
        let transfer = try IncomingTransfer(
            offer: offer, place: place, replica: replica, holdings: holdings, journal: journal,
            tagger: tagger(offer.transfer), gate: domain.gate)
        return (.ready, transfer)
    }

    /// A peer that may put files may also put bytes into the replica; one that was asked for files may not.
    private func prepareExtents(_ offer: Offer) throws -> (Receiver.Preparation, (any Incoming)?) {
        guard case .granted(let roots) = placement, !roots.isEmpty else { return (.refused(.refusedByPolicy), nil) }
        let replica = try domain.openReplica(of: offer.log)
        let holdings = try replica.holdings()
        guard holdings.digest == offer.holdingsDigest else {
            let partial = PartialState(voids: offer.transfer, transfer: nil, files: [])
            return (.differs(holdings: holdings.extents, partial: partial), nil)
        }
        let incoming = try IncomingExtents(
            offer: offer, replica: replica, holdings: holdings, tagger: tagger(offer.transfer), gate: domain.gate)
        return (.ready, incoming)
    }

    /// The sender knows no other extents of its log.
    func retain(_ extents: [Extent], of log: LogID) throws {
        try domain.openReplica(of: log).retain(extents)
    }
}
