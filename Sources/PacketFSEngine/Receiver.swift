package import PacketFSWire

/// The receiving side of one session (`Specs/blueprint.md` §8): takes offers one after another, has the caller rebuild
/// what arrives, and drives the repair plane. Nothing is committed before the caller has verified every leaf.
package struct Receiver: Sendable {
    package enum Action: Equatable, Sendable {
        case control(ControlMessage)
        case repair(RepairMessage)
        /// Look at destination, holdings and what an interrupted transfer left, then call `prepared`.
        case prepare(Offer)
        /// The sender told what of its log it still knows: the replica need not keep anything else.
        case retain(LogID, [Extent])
        /// Rebuild, then call `rebuilt`.
        case rebuild(DataRecord)
        /// Compare with the tags of the parts at hand, then call `compared`.
        case compare(LeafID, tags: [UInt8])
        /// Put these bytes in their place, then call `patched`.
        case patch(LeafID, part: Int, offset: Int, bytes: [UInt8])
        /// Never commit these.
        case drop([FailedEntry])
        /// Everything is verified: commit, make it durable, then call `committed`.
        case commit
    }

    package enum Preparation: Equatable, Sendable {
        case ready
        /// The offer assumes other holdings (these are the real ones), or an interrupted transfer can be taken up.
        case differs(holdings: [Extent]?, partial: PartialState)
        case refused(AbortReason)
    }

    package enum Rebuilt: Equatable, Sendable {
        case done
        /// The leaf's tag does not hold.
        case failed(LeafID)
        /// Kept entries that are not here as the sender believes.
        case lacking([Int])
    }

    package enum Patched: Equatable, Sendable {
        case incomplete
        case verified
        /// All parts came, and the leaf's tag still does not hold.
        case wrong
    }

    private enum State: Equatable {
        case idle
        case preparing(Offer)
        /// Accepted; data of other transfers that is still under way is passed over until this one opens.
        case accepted
        case receiving
        case committing
    }

    private var state = State.idle
    private var transfer: TransferID?
    private var repairs: Set<LeafID> = []
    private var known = ListAssembly<Extent>(atMost: Limits.extents)

    package init() {}

    package var isIdle: Bool { state == .idle }

    package mutating func received(_ message: ControlMessage) throws(EngineError) -> [Action] {
        switch message {
        case .offer(let offer):
            guard state != .committing else { throw .unexpectedMessage }
            state = .preparing(offer)
            return [.prepare(offer)]
        case .dropped(let entries):
            // The opening may still wait for its frame to fill; what an older offer dropped came before this one.
            guard state == .receiving || state == .accepted else { return [] }
            return [.drop(entries)]
        case .holdings(let log, let extents, let isLast):
            guard state != .committing else { throw .unexpectedMessage }
            return try known.add(extents, isLast: isLast).map { [.retain(log, $0)] } ?? []
        case .abort(let reason):
            throw .peerAborted(reason)
        case .alive:
            return []
        case .request, .accept, .anew, .want, .receipt, .end, .cover, .blocks, .message, .piece:
            throw .unexpectedMessage
        }
    }

    package mutating func prepared(_ preparation: Preparation) throws(EngineError) -> [Action] {
        guard case .preparing(let offer) = state else { throw .unexpectedMessage }
        repairs = []
        switch preparation {
        case .ready:
            transfer = offer.transfer
            state = .accepted
            return [.control(.accept(offer.transfer))]
        case .differs(let holdings, let partial):
            transfer = nil
            state = .idle
            let actual = holdings.map { Action.control(.holdings(offer.log, $0, isLast: true)) }
            return [actual, .control(.anew(partial, isLast: true))].compactMap(\.self)
        case .refused(let reason):
            throw .aborted(reason)
        }
    }

    package mutating func received(_ record: DataRecord) throws(EngineError) -> [Action] {
        switch (state, record) {
        case (.accepted, .opening(let opened, _, _)) where opened == transfer:
            state = .receiving
            return [.rebuild(record)]
        case (.accepted, _), (.idle, _), (.preparing, _):
            return []
        case (.receiving, .opening), (.committing, _):
            throw .unexpectedMessage
        case (.receiving, _):
            return [.rebuild(record)]
        }
    }

    /// `isComplete`: every byte of every stream is verified and nothing is wanted.
    package mutating func rebuilt(_ rebuilt: Rebuilt, isComplete: Bool) throws(EngineError) -> [Action] {
        switch rebuilt {
        case .done:
            return completion(isComplete)
        case .failed(let leaf):
            repairs.insert(leaf)
            return [.repair(.failed(leaf))]
        case .lacking(let entries):
            return [.control(.want(entries, isLast: true))]
        }
    }

    package func received(_ message: RepairMessage) throws(EngineError) -> [Action] {
        switch message {
        case .tags(let leaf, let tags):
            guard repairs.contains(leaf), tags.count <= Limits.leaf / Limits.part * Limits.tag else {
                throw .unexpectedMessage
            }
            return [.compare(leaf, tags: tags)]
        case .part(let leaf, let part, let offset, let bytes):
            guard repairs.contains(leaf) else { throw .unexpectedMessage }
            return [.patch(leaf, part: part, offset: offset, bytes: bytes)]
        case .failed, .wanted:
            throw .unexpectedMessage
        }
    }

    package func compared(_ leaf: LeafID, wrong parts: [Int]) throws(EngineError) -> [Action] {
        // The leaf's tag fails while each part's holds: no honest sender makes such tags.
        guard !parts.isEmpty else { throw .aborted(.integrity) }
        return [.repair(.wanted(leaf, parts))]
    }

    package mutating func patched(
        _ leaf: LeafID, _ patched: Patched, isComplete: Bool
    ) throws(EngineError) -> [Action] {
        switch patched {
        case .incomplete:
            return []
        case .verified:
            repairs.remove(leaf)
            return completion(isComplete)
        case .wrong:
            throw .aborted(.integrity)
        }
    }

    package mutating func committed(_ receipt: Receipt) throws(EngineError) -> [Action] {
        guard state == .committing else { throw .unexpectedMessage }
        state = .idle
        transfer = nil
        return [.control(.receipt(receipt, isLast: true))]
    }

    private mutating func completion(_ isComplete: Bool) -> [Action] {
        guard isComplete, repairs.isEmpty, state == .receiving else { return [] }
        state = .committing
        return [.commit]
    }
}
