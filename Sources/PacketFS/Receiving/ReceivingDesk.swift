import Glibc
import PacketFSBlob
import PacketFSChannel
import PacketFSEngine
import PacketFSRebuild
import PacketFSStore
import PacketFSWire

/// Decides what an offer meets here: whether policy allows it, what we hold, and what an interrupted transfer left.
struct ReceivingDesk {
    /// Seconds that a session which lost its sender may take to let go of its transfer.
    private static let patience = 10.0

    let domain: PeerDomain
    let placement: Placement
    /// What we asked for, if we began the session (`get`).
    let asked: Asked?
    /// The session's integrity key for a transfer.
    let tagger: (TransferID) -> any LeafTagger
    /// The interrupted transfer that the sender was told of, until it offers to continue it.
    private var leftover: TransferClaim?
    /// The transfer that was accepted last.
    private var accepted: TransferID?

    init(
        domain: PeerDomain, placement: Placement, asked: Asked?, tagger: @escaping (TransferID) -> any LeafTagger
    ) {
        self.domain = domain
        self.placement = placement
        self.asked = asked
        self.tagger = tagger
    }

    /// Tells another session of this process that the transfer which may be taken up is over, as the sender says: what the
    /// line still carries is handled first, and that it was cut may not be known yet. What we asked for ourselves ended
    /// with its process. To be told on the session's own thread: beside it, the other one may have all the room.
    func giveUp(for offer: Offer) -> GivenUp.Notice? {
        guard case .granted = placement, let interrupted = Self.mayResume(offer) else { return nil }
        return domain.givenUp.notice(interrupted, of: domain.peer.party)
    }

    /// The transfer that may be taken up, if the sender does not know yet what of it is here.
    private static func mayResume(_ offer: Offer) -> TransferID? {
        offer.continues == nil ? offer.resumes : nil
    }

    /// - Parameters:
    ///   - over: what came of `giveUp`, until its transfer is free.
    ///   - spreads: has what is to be done with many files done on several threads.
    mutating func prepare(
        _ offer: Offer, over: GivenUp.Notice?, spreads: Bool
    ) throws -> (Receiver.Preparation, (any Incoming)?) {
        if offer.provisions { return try prepareExtents(offer) }
        try asked?.check(offer)
        let replica = try domain.openReplica(of: offer.log)
        let holdings = try replica.holdings()
        let place: Placement.Place
        do {
            place = try placement.place(offer, gate: domain.gate)
        } catch let refusal as AbortReason {
            return (.refused(refusal), nil)
        }
        let journal = TransferJournal(receivingAt: place.path, in: domain)
        let differs = holdings.digest != offer.holdingsDigest
        if let over { try waitForEnd(of: over.id) }
        let left = Self.mayResume(offer) != nil ? try journal.leftover(in: place, cleans: !offer.options.isDryRun) : nil
        if differs || left != nil {
            leftover = left?.claim
            let partial = PartialState(
                voids: offer.transfer, transfer: left?.claim.transfer, files: left?.files ?? [])
            return (.differs(holdings: differs ? holdings.extents : nil, partial: partial), nil)
        }
        // The sender draws the id: only a hostile one names a transfer that runs.
        guard let claim = try domain.store.claim(offer.transfer) else { return (.refused(.malformed), nil) }
        let transfer = try IncomingTransfer(
            offer: offer, asked: asked, claim: claim, earlier: takeLeftover(offer), place: place, replica: replica,
            holdings: holdings, journal: journal, tagger: tagger(offer.transfer), gate: domain.gate, spreads: spreads)
        accepted = offer.transfer
        return (.ready, transfer)
    }

    /// Throws once the sender has taken up in another session what this one waits for.
    func check() throws {
        guard let accepted, domain.givenUp.contains(accepted, of: domain.peer.party) else { return }
        throw PacketFSError(.connection, "the sender began anew in another session")
    }

    /// Until no session works on the transfer any more, if it is one that the peer sent.
    private func waitForEnd(of transfer: TransferID) throws {
        guard let record = try domain.store.transfer(transfer)?.summary, record.peer == domain.peer.party,
            record.role == .receiving
        else { return }
        let end = ContinuousClock.now + .seconds(Self.patience)
        try PeerLane.aside {
            while try domain.store.claim(transfer) == nil, ContinuousClock.now < end { usleep(20_000) }
        }
    }

    /// The transfer that the offer continues, unless another has taken it up meanwhile.
    private mutating func takeLeftover(_ offer: Offer) throws -> TransferClaim? {
        defer { leftover = nil }
        guard let continued = offer.continues, continued != leftover?.transfer else { return leftover }
        return try domain.store.claim(continued)
    }

    /// A peer that may put files may also put bytes into the replica; one that was asked for files may not.
    private func prepareExtents(_ offer: Offer) throws -> (Receiver.Preparation, (any Incoming)?) {
        guard case .granted(let roots, _, _) = placement, !roots.isEmpty else {
            return (.refused(.refusedByPolicy), nil)
        }
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
