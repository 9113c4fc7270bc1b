import PacketFSPlan
import PacketFSWire

/// Where the records of an outgoing transfer come from, and what its repair reads.
protocol RecordSource: AnyObject {
    /// Bytes of the content stream, and how many of them were planned.
    var contentLength: UInt64 { get }
    var contentPlanned: UInt64 { get }
    /// - Parameter pace: of the link; `nil` if that is not known.
    func next(pace: Pace?) throws(PlanError) -> PlanStep?
    func want(_ entries: [Int]) throws(PlanError)
    func tags(of leaf: LeafID) throws(PlanError) -> [UInt8]
    func part(_ part: Int, of leaf: LeafID) throws(PlanError) -> [UInt8]
}

/// One transfer as planned: what is offered, where its records come from, and what is to be remembered of it.
protocol Outgoing: AnyObject {
    var offer: Offer { get }
    var records: any RecordSource { get }
    /// What we know of the receiver's holdings, if it has extents that we do not know: it is to drop these.
    var knownOfActual: [Extent]? { get }
    /// Whether the receiver probably holds something else than the offer says, and its word is to be awaited.
    var isDoubtful: Bool { get }
    /// The receiver took the offer, so it holds what the offer says.
    func accepted() throws
    /// Makes what was learned durable here, before the receiver can have acknowledged it.
    func finishLearning() throws
    /// The receiver has committed: what it holds and what it has become our records.
    func complete(_ receipt: Receipt) throws
    /// What the receiver, or the scan, could not do for single paths.
    func warnings(from receipt: Receipt) -> [TransferWarning]
    /// The transfer will not go on: gives back what it reserved and did not use.
    func abandon()
    /// It will never be taken up: nothing of it is remembered.
    func forget()
    /// Counts what the transfer was about.
    func count(in summary: inout TransferSummary)
}

/// Plans a transfer, and plans it anew when the receiver turns out to hold something else. What takes long ends, with an
/// error, once nobody wishes for it.
protocol OutgoingPlanner {
    /// - Parameters:
    ///   - actual: what the receiver said that it really holds of our log.
    ///   - partial: what it still has of an interrupted transfer.
    func plan(actual: [Extent]?, partial: PartialState?, while wish: Wish) throws -> any Outgoing
    /// Throws if it can be known beforehand that more than `left` payload bytes would be sent.
    func check(fits left: UInt64, while wish: Wish) throws
}

extension Planner: RecordSource {
    var contentPlanned: UInt64 { report.content.bytes.total }
}

/// A transfer without files has none that could be wanted, and no repair.
extension LogPlanner: RecordSource {
    func next(pace: Pace?) throws(PlanError) -> PlanStep? { try nextRecord().map(PlanStep.record) }
    func want(_ entries: [Int]) throws(PlanError) { throw .unknownEntry }
    func tags(of leaf: LeafID) throws(PlanError) -> [UInt8] { throw .unknownLeaf }
    func part(_ part: Int, of leaf: LeafID) throws(PlanError) -> [UInt8] { throw .unknownLeaf }
}
