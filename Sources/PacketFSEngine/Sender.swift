package import PacketFSWire

/// The sending side of one transfer (`Specs/blueprint.md` §8). It holds no bytes of files: the caller plans and reads
/// where an action says so, and reports back. It streams without waiting for the receiver's word unless that will probably
/// void the offer, so an ordinary transfer costs no round trip of its own.
package struct Sender: Sendable {
    /// Plans that the receiver may void before the sender gives up.
    package static let restarts = 3

    package enum Action: Equatable, Sendable {
        case control(ControlMessage)
        case repair(RepairMessage)
        /// Plan anew under a new transfer id, from what the receiver really holds, then call `offer`.
        case replan(holdings: [Extent]?, partial: PartialState)
        /// The receiver holds what the offer says.
        case accepted
        /// Plan the contents of these entries, too.
        case planWanted([Int])
        /// Compute the tags of the leaf's parts and call `tagsRead`.
        case readTags(LeafID)
        /// Read this part and call `partRead`.
        case readPart(LeafID, part: Int)
        /// The receiver has committed: make that durable; the transfer is over.
        case complete(Receipt)
    }

    /// What the caller's planner came to.
    package enum Planned: Equatable, Sendable {
        /// A record was handed to the data plane.
        case record
        /// These entries changed while they were read.
        case dropped([FailedEntry])
        /// There is nothing more to plan.
        case exhausted
    }

    private enum State: Equatable {
        case idle
        /// Offered; the receiver's word is needed before anything is planned.
        case waiting
        case streaming
        /// Everything was planned; the receipt is awaited.
        case planned
        case over
    }

    private var state = State.idle
    /// Whether the receiver took the offer.
    package private(set) var isAccepted = false
    private var transfer: TransferID?
    private var log: LogID?
    private var voided = 0
    private var holdings = ListAssembly<Extent>(atMost: Limits.extents)
    private var files = ListAssembly<PartialFile>(atMost: Limits.entries)
    private var wanted = ListAssembly<Int>(atMost: Limits.entries)
    /// Whether the receiver said of this transfer what it wants: each list is planned anew, so there is one.
    private var hasWanted = false
    private var failures = ListAssembly<FailedEntry>(atMost: Limits.entries)
    private var learned = ListAssembly<Extent>(atMost: Limits.extents)
    private var actualHoldings: [Extent]?

    package init() {}

    /// Whether the next record is to be planned, as soon as there is room to send it.
    package var wantsToPlan: Bool { state == .streaming }
    package var isOver: Bool { state == .over }

    /// Announces a transfer, the first or one planned anew.
    ///
    /// - Parameter isDoubtful: the receiver probably holds something else than the offer says, unless it has just said so.
    package mutating func offer(_ offer: Offer, isDoubtful: Bool = false) -> [Action] {
        transfer = offer.transfer
        isAccepted = false
        log = offer.log
        hasWanted = false
        let mayResume = offer.resumes != nil && offer.continues == nil
        state = isDoubtful && voided == 0 || mayResume ? .waiting : .streaming
        return [.control(.offer(offer))]
    }

    package mutating func planned(_ planned: Planned) -> [Action] {
        switch planned {
        case .record:
            return []
        case .dropped(let entries):
            return [.control(.dropped(entries))]
        case .exhausted:
            state = .planned
            return []
        }
    }

    package mutating func received(_ message: ControlMessage) throws(EngineError) -> [Action] {
        switch message {
        case .abort(let reason):
            throw .peerAborted(reason)
        case .alive:
            return []
        case _ where state == .idle:
            // Nothing is offered yet, or not anew: there is nothing to say anything of.
            throw .unexpectedMessage
        case .accept(let accepted):
            return accept(accepted)
        case .holdings(let log, let extents, let isLast):
            guard log == self.log, state != .over else { throw .unexpectedMessage }
            if let all = try holdings.add(extents, isLast: isLast) { actualHoldings = all }
            return []
        case .anew(let partial, let isLast):
            return try restart(from: partial, isLast: isLast)
        case .want(let entries, let isLast):
            return try want(entries, isLast: isLast)
        case .receipt(let receipt, let isLast):
            return try complete(receipt, isLast: isLast)
        case .request, .offer, .dropped, .end, .cover, .blocks, .message, .piece:
            throw .unexpectedMessage
        }
    }

    package func received(_ message: RepairMessage) throws(EngineError) -> [Action] {
        guard state == .streaming || state == .planned else { throw .unexpectedMessage }
        switch message {
        case .failed(let leaf):
            return [.readTags(leaf)]
        case .wanted(let leaf, let parts):
            guard parts.count <= Limits.leaf / Limits.part else { throw .malformed }
            return parts.map { .readPart(leaf, part: $0) }
        case .tags, .part:
            throw .unexpectedMessage
        }
    }

    package func tagsRead(_ tags: [UInt8], of leaf: LeafID) -> [Action] {
        [.repair(.tags(leaf, tags))]
    }

    package func partRead(_ bytes: [UInt8], part: Int, of leaf: LeafID) -> [Action] {
        [.repair(.part(leaf, part: part, offset: 0, bytes: bytes))]
    }

    private mutating func accept(_ accepted: TransferID) -> [Action] {
        // The word on a voided offer may still be under way.
        guard accepted == transfer, !isAccepted else { return [] }
        isAccepted = true
        if state == .waiting { state = .streaming }
        return [.accepted]
    }

    /// The receiver's last word on an offer that it cannot take as it is: holdings, if they differ, then partial state.
    private mutating func restart(from partial: PartialState, isLast: Bool) throws(EngineError) -> [Action] {
        guard partial.voids == transfer, state != .over else { return [] }
        guard let all = try files.add(partial.files, isLast: isLast) else { return [] }
        voided += 1
        guard voided <= Self.restarts else { throw .unstableHoldings }
        state = .idle
        defer { actualHoldings = nil }
        let whole = PartialState(voids: partial.voids, transfer: partial.transfer, files: all)
        return [.replan(holdings: actualHoldings, partial: whole)]
    }

    private mutating func want(_ entries: [Int], isLast: Bool) throws(EngineError) -> [Action] {
        guard state == .streaming || state == .planned else { return [] }
        guard !hasWanted else { throw .unexpectedMessage }
        guard let all = try wanted.add(entries, isLast: isLast) else { return [] }
        guard zip(all, all.dropFirst()).allSatisfy(<), !all.isEmpty else { throw .malformed }
        hasWanted = true
        state = .streaming
        return [.planWanted(all)]
    }

    private mutating func complete(_ receipt: Receipt, isLast: Bool) throws(EngineError) -> [Action] {
        guard receipt.transfer == transfer, state == .planned else { throw .unexpectedMessage }
        let failures = try self.failures.add(receipt.failures, isLast: isLast)
        let learned = try self.learned.add(receipt.learned, isLast: isLast)
        guard let failures, let learned else { return [] }
        state = .over
        var whole = receipt
        whole.failures = failures
        whole.learned = learned
        return [.complete(whole)]
    }
}
