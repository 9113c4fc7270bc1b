import Dispatch
import PacketFSPlan
import PacketFSWire
import Synchronization

/// Plans the next record on a thread of its own while the session seals the one before.
///
/// `@unchecked Sendable`: the queue uses the source while it is `planning`, the session's thread otherwise, after `settle`.
final class PlanAhead: @unchecked Sendable {
    /// What the queue is about.
    private enum Ahead {
        case idle
        /// It waits for room, to plan this.
        case waiting(Order?)
        case planning
    }

    private struct Order {
        let pace: Pace?
    }

    private let source: any RecordSource
    private let queue: DispatchQueue?
    /// Whose room plans take.
    private let lane = PeerLane.current?.errands
    private let ahead = Mutex(Ahead.idle)
    /// Planned and not taken yet.
    private var step: Result<PlanStep?, PlanError>?
    /// Seconds spent in planning.
    private(set) var seconds = 0.0
    private(set) var contentLength: UInt64
    private(set) var contentPlanned: UInt64 = 0

    /// Without a thread each step is planned when it is asked for.
    init(_ source: any RecordSource, onThread: Bool) {
        self.source = source
        queue = onThread ? PeerLane.queue("packetfs.plan", in: lane) : nil
        contentLength = source.contentLength
    }

    /// - Parameter pace: of the link; `nil` if that is not known.
    func next(pace: Pace? = nil) throws(PlanError) -> PlanStep? {
        settle()
        if step == nil { plan(pace: pace) }
        let taken = step
        step = nil
        contentPlanned = source.contentPlanned
        if case .success(.record)? = taken { order(Order(pace: pace)) }
        return try taken?.get()
    }

    func want(_ entries: [Int]) throws(PlanError) {
        settle()
        // The end that was planned is none any more.
        if case .success(nil)? = step { step = nil }
        try source.want(entries)
        contentLength = source.contentLength
    }

    func tags(of leaf: LeafID) throws(PlanError) -> [UInt8] {
        settle()
        return try source.tags(of: leaf)
    }

    func part(_ part: Int, of leaf: LeafID) throws(PlanError) -> [UInt8] {
        settle()
        return try source.part(part, of: leaf)
    }

    /// Waits until the source is not in use. What the queue has not begun it does not plan any more: other errands of the
    /// peer may keep its room for long.
    func settle() {
        let isPlanning = ahead.withLock { ahead in
            if case .waiting = ahead { ahead = .waiting(nil) }
            if case .planning = ahead { return true }
            return false
        }
        if isPlanning { PeerLane.aside { queue?.sync {} } }
    }

    private func order(_ order: Order) {
        guard let queue else { return }
        let isWaiting = ahead.withLock { ahead in
            defer { ahead = .waiting(order) }
            if case .waiting = ahead { return true }
            return false
        }
        guard !isWaiting else { return }
        // Nobody waits for what waits for room.
        queue.async { [weak self, lane] in PeerLane.work(in: lane) { self?.planAhead() } }
    }

    private func planAhead() {
        let order = ahead.withLock { ahead -> Order? in
            guard case .waiting(let order?) = ahead else {
                ahead = .idle
                return nil
            }
            ahead = .planning
            return order
        }
        guard let order else { return }
        plan(pace: order.pace)
        ahead.withLock { $0 = .idle }
    }

    private func plan(pace: Pace?) {
        let start = ContinuousClock.now
        step = Result { () throws(PlanError) in try source.next(pace: pace) }
        seconds += (ContinuousClock.now - start).seconds
    }
}
