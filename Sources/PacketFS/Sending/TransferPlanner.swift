import PacketFSChannel
import PacketFSPlan
import PacketFSStore
import PacketFSWire

/// Scans the sources and plans a transfer against what the receiver is known to hold.
struct TransferPlanner: OutgoingPlanner {
    let job: SendJob
    let domain: PeerDomain
    let own: OwnLog
    /// What was planned before there was a session.
    var first: FirstPlan?
    /// The session's integrity key for a transfer.
    let tagger: (TransferID) -> any LeafTagger

    func plan(actual: [Extent]?, partial: PartialState?, while wish: Wish) throws -> any Outgoing {
        if let actual {
            try own.replaceAcknowledged(by: actual)
        } else if partial != nil {
            // The receiver spoke, and holds what we believed.
            try own.dropInterrupted()
        }
        let early = actual == nil && partial == nil ? first?.take(while: wish) : nil
        let draft = try early ?? TransferDraft(job, in: domain, own, after: partial, while: wish)
        let transfer = draft.offer.transfer
        let journal = TransferJournal(sendingTo: job.destination, in: domain)
        let claim = try domain.store.claim(transfer).orThrow(.internal, "an id was drawn twice")
        if !job.options.isDryRun { try journal.begin(transfer, draft.record, after: partial, asked: job.asked) }
        draft.planner.tagger = tagger(transfer)
        return TransferPlan(
            draft, claim: claim,
            knownOfActual: actual.flatMap { $0 == draft.holdings ? nil : draft.holdings }, own: own, journal: journal)
    }
}
