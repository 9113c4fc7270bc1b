import Dispatch
import PacketFSPlan
import PacketFSWire

/// Plans the next record on a thread of its own while the session seals the one before.
///
/// `@unchecked Sendable`: the source is used by the queue while a step is in it, and otherwise, after `settle`, by the
/// session's thread.
final class PlanAhead: @unchecked Sendable {
    private let source: any RecordSource
    private let queue: DispatchQueue?
    /// Whose room plans take.
    private let lane = PeerLane.current?.errands
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
        if case .success(.record)? = taken { queue?.async { PeerLane.work(in: self.lane) { self.plan(pace: pace) } } }
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

    /// Waits until the source is not in use.
    func settle() {
        PeerLane.aside { queue?.sync {} }
    }

    private func plan(pace: Pace?) {
        let start = ContinuousClock.now
        step = Result { () throws(PlanError) in try source.next(pace: pace) }
        seconds += (ContinuousClock.now - start).seconds
    }
}
