import PacketFSEngine
import PacketFSWire

/// The receiving side of a session: prepares, rebuilds and commits one offered transfer after another.
final class ReceivingSide: TransferSide {
    private var desk: ReceivingDesk
    private var engine = Receiver()
    private let startsThreads: Bool
    private var incoming: (any Incoming)?
    /// What is made durable now.
    private var committing: (transfer: any Incoming, errand: Errand<Receipt>)?
    private var warnings: [TransferWarning] = []
    private(set) var isOver = false
    private(set) var progress = Progress()
    private(set) var summary = TransferSummary()

    /// - Parameter startsThreads: commits on a thread of its own.
    init(_ desk: ReceivingDesk, startsThreads: Bool) {
        self.desk = desk
        self.startsThreads = startsThreads
    }

    var wantsToWork: Bool { committing != nil }

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
        guard let (transfer, errand) = committing, let receipt = try errand.take() else { return }
        committing = nil
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

    /// What was verified stays beside its final names, and the journal knows of it.
    func abandon() {
        committing?.errand.settle()
        (committing, incoming) = (nil, nil)
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
            incoming = nil
            let (preparation, transfer) = try desk.prepare(offer)
            incoming = transfer
            try run(engine.prepared(preparation), link, now: now)
        case .retain(let log, let extents):
            try desk.retain(extents, of: log)
        case .rebuild(let record):
            let transfer = try current()
            let rebuilt = try transfer.rebuild(record)
            progress = transfer.progress
            try run(engine.rebuilt(rebuilt, isComplete: transfer.isComplete), link, now: now)
        case .compare(let leaf, let tags):
            try run(engine.compared(leaf, wrong: current().wrongParts(of: leaf, tags: tags)), link, now: now)
        case .patch(let leaf, let part, let offset, let bytes):
            let transfer = try current()
            let (patched, rebuilt) = try transfer.patch(leaf, part: part, offset: offset, bytes: bytes)
            progress = transfer.progress
            try run(engine.patched(leaf, patched, isComplete: transfer.isComplete), link, now: now)
            if rebuilt != .done { try run(engine.rebuilt(rebuilt, isComplete: false), link, now: now) }
        case .drop(let entries):
            try current().drop(entries)
        case .commit:
            try commit(link, now: now)
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
