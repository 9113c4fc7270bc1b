import PacketFSEngine
import PacketFSPlan
import PacketFSWire

/// The sending side of a session: plans one transfer after another until nothing that can be sent is left.
final class SendingSide: TransferSide {
    /// Transfers begun anew because sources changed while they were read.
    private static let retries = 2

    private let planner: any OutgoingPlanner
    private let startsThreads: Bool
    private var engine = Sender()
    private var planning: Errand<any Outgoing>?
    private var plan: (any Outgoing)?
    /// Of `plan`.
    private var records: PlanAhead?
    private var retriesLeft = SendingSide.retries
    private var warnings: [TransferWarning] = []
    private(set) var isOver = false
    private(set) var progress = Progress()
    private(set) var summary = TransferSummary()

    /// - Parameter startsThreads: scans and plans on threads of their own.
    init(_ planner: any OutgoingPlanner, startsThreads: Bool) {
        self.planner = planner
        self.startsThreads = startsThreads
    }

    var isAccepted: Bool { engine.isAccepted }
    var wantsToWork: Bool { planning != nil || engine.wantsToPlan }

    func start(_ link: SealedLink, now: Instant) throws {
        progress.phase = .scanning
        try begin(link, holdings: nil, partial: nil, now: now, fitting: link.cover?.use?.left)
    }

    func received(_ inbound: Inbound, _ link: SealedLink, now: Instant) throws {
        switch inbound {
        case .control(.end):
            guard isOver else { throw EngineError.unexpectedMessage }
        case .control(let message):
            try run(engine.received(message), link, now: now)
        case .repair(let message):
            try run(engine.received(message), link, now: now)
        case .record:
            throw EngineError.unexpectedMessage
        }
    }

    func work(_ link: SealedLink, now: Instant) throws {
        if planning != nil { return try offer(link, now: now) }
        guard let plan, let records else { return }
        switch try records.next(pace: link.pace) {
        case .record(let record):
            try link.send(record, now: now)
            progress.bytesDone = records.contentPlanned
            try run(engine.planned(.record), link, now: now)
        case .dropped(let entries):
            try run(engine.planned(.dropped(entries)), link, now: now)
        case nil:
            try timed { try plan.finishLearning() }
            try link.flush(now: now)
            progress.phase = .committing
            try run(engine.planned(.exhausted), link, now: now)
        }
    }

    func takeWarnings() -> [TransferWarning] {
        defer { warnings = [] }
        return warnings
    }

    /// The journal knows what was offered; bytes that were learned and not acknowledged are never pointed at.
    func abandon(_: SealedLink) {
        leavePlan()?.abandon()
    }

    func forget() {
        plan?.forget()
    }

    /// The plan, which nothing uses any more.
    private func leavePlan() -> (any Outgoing)? {
        if let planning { plan = planning.giveUp() }
        planning = nil
        records?.settle()
        summary.planSeconds += records?.seconds ?? 0
        defer { (plan, records) = (nil, nil) }
        return plan
    }

    /// - Parameter left: payload bytes that there is cover for; `nil` if any number may be sent.
    private func begin(
        _ link: SealedLink, holdings: [Extent]?, partial: PartialState?, now: Instant, fitting left: UInt64? = nil
    ) throws {
        abandon(link)
        let planner = planner
        planning = Errand(onThread: startsThreads) { wish in
            if let left { try planner.check(fits: left, while: wish) }
            return try planner.plan(actual: holdings, partial: partial, while: wish)
        }
        if !startsThreads { try offer(link, now: now) }
    }

    /// Offers what was planned, once it is there.
    private func offer(_ link: SealedLink, now: Instant) throws {
        guard let planning, let plan = try planning.take() else { return }
        self.planning = nil
        summary.planSeconds += planning.seconds
        self.plan = plan
        let records = PlanAhead(plan.records, onThread: startsThreads)
        self.records = records
        if let known = plan.knownOfActual {
            try link.send(.holdings(plan.offer.log, known, isLast: true), now: now)
        }
        progress.bytesTotal = records.contentLength
        progress.bytesDone = 0
        progress.phase = .transferring
        try run(engine.offer(plan.offer, isDoubtful: plan.isDoubtful), link, now: now)
    }

    private func run(_ actions: [Sender.Action], _ link: SealedLink, now: Instant) throws {
        for action in actions {
            switch action {
            case .control(let message):
                try link.send(message, now: now)
            case .repair(let message):
                try link.send(message, now: now)
            case .replan(let holdings, let partial):
                try begin(link, holdings: holdings, partial: partial, now: now)
            case .accepted:
                try plan?.accepted()
            case .planWanted(let entries):
                guard let records else { throw EngineError.unexpectedMessage }
                try records.want(entries)
                progress.bytesTotal = records.contentLength
                progress.phase = .transferring
            case .readTags(let leaf):
                guard let records else { throw EngineError.unexpectedMessage }
                try run(engine.tagsRead(records.tags(of: leaf), of: leaf), link, now: now)
            case .readPart(let leaf, let part):
                guard let records else { throw EngineError.unexpectedMessage }
                let bytes = try records.part(part, of: leaf)
                try run(engine.partRead(bytes, part: part, of: leaf), link, now: now)
            case .complete(let receipt):
                try complete(receipt, link, now: now)
            }
        }
    }

    private func complete(_ receipt: Receipt, _ link: SealedLink, now: Instant) throws {
        guard let plan = leavePlan() else { throw EngineError.unexpectedMessage }
        try plan.complete(receipt)
        summary.add(receipt, of: plan)
        if receipt.mayBeFollowed, retriesLeft > 0 {
            retriesLeft -= 1
            engine = Sender()
            return try begin(link, holdings: nil, partial: nil, now: now)
        }
        let failed = plan.warnings(from: receipt)
        summary.warnings += failed
        warnings += failed
        isOver = true
    }

    private func timed<Result>(_ body: () throws -> Result) rethrows -> Result {
        let start = ContinuousClock.now
        defer { summary.planSeconds += (ContinuousClock.now - start).seconds }
        return try body()
    }
}
