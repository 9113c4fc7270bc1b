import PacketFSEngine
import PacketFSWire

/// The receiving side of a session: prepares, rebuilds and commits one offered transfer after another.
final class ReceivingSide: TransferSide {
    private var desk: ReceivingDesk
    private var engine = Receiver()
    private let startsThreads: Bool
    private(set) var incoming: (any Incoming)?
    /// What is done beside the session with what came last.
    private var following: Errand<Followed>?
    /// What is made durable now.
    private var committing: (transfer: any Incoming, errand: Errand<Receipt>)?
    /// Kept while the sender waits for its receipt: to free what is known of a large tree takes its time.
    private var finished: (any Incoming)?
    private var warnings: [TransferWarning] = []
    private(set) var isOver = false
    private(set) var progress = Progress()
    private(set) var summary = TransferSummary()

    /// What became of an offer, a record or a part.
    private enum Followed {
        case prepared(ReceivingDesk, Receiver.Preparation, (any Incoming)?)
        case rebuilt(Receiver.Rebuilt)
        case patched(LeafID, Receiver.Patched, Receiver.Rebuilt)
    }

    /// - Parameter startsThreads: does what may take long on threads of its own.
    init(_ desk: ReceivingDesk, startsThreads: Bool) {
        self.desk = desk
        self.startsThreads = startsThreads
    }

    var isBusy: Bool { following != nil }
    var wantsToWork: Bool { following != nil || committing != nil }

    func start(_ link: SealedLink, now: Instant) throws {
        if let request = desk.asked?.request { try link.send(.request(request), now: now) }
    }

    func received(_ inbound: Inbound, _ link: SealedLink, now: Instant) throws {
        switch inbound {
        case .control(.end):
            guard engine.isIdle else { throw EngineError.unexpectedMessage }
            isOver = true
        case _ where isOver:
            // Nothing follows our end but the sender's, and what crossed it.
            guard case .control(.alive) = inbound else { throw EngineError.unexpectedMessage }
        case .control(let message):
            try run(engine.received(message), link, now: now)
        case .repair(let message):
            try run(engine.received(message), link, now: now)
        case .record(let record):
            try run(engine.received(record), link, now: now)
        }
    }

    func work(_ link: SealedLink, now: Instant) throws {
        if let following {
            guard let followed = try following.take() else { return }
            self.following = nil
            return try tell(followed, link, now: now)
        }
        guard let (transfer, errand) = committing, let receipt = try errand.take() else { return }
        committing = nil
        finished = transfer
        summary.add(receipt, of: transfer)
        warnings += transfer.warnings(from: receipt)
        try run(engine.committed(receipt), link, now: now)
        // Said with the receipt, our end costs nobody a round trip.
        isOver = !receipt.mayBeFollowed
    }

    func check() throws {
        if incoming != nil { try desk.check() }
    }

    func takeWarnings() -> [TransferWarning] {
        defer { warnings = [] }
        return warnings
    }

    /// What came stays beside its final names, and the journal knows of it.
    func abandon(_ link: SealedLink) {
        incoming?.giveUp()
        following?.giveUp()
        committing?.errand.settle()
        (committing?.transfer ?? incoming)?.interrupt(within: link.cutLeaf)
        (following, committing, incoming) = (nil, nil, nil)
    }

    private func run(_ actions: [Receiver.Action], _ link: SealedLink, now: Instant) throws {
        for action in actions {
            try run(action, link, now: now)
        }
    }

    private func run(_ action: Receiver.Action, _ link: SealedLink, now: Instant) throws {
        switch action {
        case .control(let message):
            try link.send(message, now: now)
        case .repair(let message):
            try link.send(message, now: now)
        case .prepare(let offer):
            incoming?.interrupt(within: nil)
            (incoming, finished) = (nil, nil)
            var next = desk
            let over = desk.giveUp(for: offer)
            try follow(beside: true, link, now: now) { [startsThreads] in
                let (preparation, transfer) = try next.prepare(offer, over: over, spreads: startsThreads)
                return .prepared(next, preparation, transfer)
            }
        case .retain(let log, let extents):
            try desk.retain(extents, of: log)
        case .rebuild(let record):
            let transfer = try current()
            try follow(beside: transfer.takesLong(record), link, now: now) { .rebuilt(try transfer.rebuild(record)) }
        case .compare(let leaf, let tags):
            try run(engine.compared(leaf, wrong: current().wrongParts(of: leaf, tags: tags)), link, now: now)
        case .patch(let leaf, let part, let offset, let bytes):
            let transfer = try current()
            try follow(beside: transfer.takesLong(leaf), link, now: now) {
                let (patched, rebuilt) = try transfer.patch(leaf, part: part, offset: offset, bytes: bytes)
                return .patched(leaf, patched, rebuilt)
            }
        case .drop(let entries):
            try current().drop(entries)
        case .commit:
            try commit(link, now: now)
        }
    }

    /// - Parameter beside: it may take longer than the sender waits for a word.
    private func follow(
        beside: Bool, _ link: SealedLink, now: Instant, _ body: @escaping () throws -> Followed
    ) throws {
        guard beside else { return try tell(body(), link, now: now) }
        following = Errand(onThread: startsThreads, body)
        if !startsThreads { try work(link, now: now) }
    }

    private func tell(_ followed: Followed, _ link: SealedLink, now: Instant) throws {
        if case .prepared(let desk, let preparation, let transfer) = followed {
            (self.desk, incoming) = (desk, transfer)
            return try run(engine.prepared(preparation), link, now: now)
        }
        let transfer = try current()
        progress = transfer.progress
        switch followed {
        case .prepared:
            break
        case .rebuilt(let rebuilt):
            try run(engine.rebuilt(rebuilt, isComplete: transfer.isComplete), link, now: now)
        case .patched(let leaf, let patched, let rebuilt):
            try run(engine.patched(leaf, patched, isComplete: transfer.isComplete), link, now: now)
            if rebuilt != .done { try run(engine.rebuilt(rebuilt, isComplete: false), link, now: now) }
        }
    }

    private func commit(_ link: SealedLink, now: Instant) throws {
        progress.phase = .committing
        let transfer = try current()
        incoming = nil
        committing = (transfer, Errand(onThread: startsThreads) { try transfer.commit() })
        if !startsThreads { try work(link, now: now) }
    }

    private func current() throws -> any Incoming {
        guard let incoming else { throw EngineError.unexpectedMessage }
        return incoming
    }
}
