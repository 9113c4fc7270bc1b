import PacketFSChannel
import PacketFSWire

/// What a peer said, once opened and decoded.
enum Inbound {
    case control(ControlMessage)
    case repair(RepairMessage)
    case record(DataRecord)
}

/// Sending or receiving: turns what the peer said into work on files and messages to the link. Used by one session
/// at a time, on its thread.
protocol TransferSide: AnyObject {
    /// Says the first word, if this side has it.
    func start(_ link: SealedLink, now: Instant) throws
    func received(_ inbound: Inbound, _ link: SealedLink, now: Instant) throws
    /// Whether what the peer said last is still being done, by `work`: nothing more of it is to come before.
    var isBusy: Bool { get }
    /// Whether `work` has something to do as soon as the link has room.
    var wantsToWork: Bool { get }
    /// A bounded piece of work, at most one leaf.
    func work(_ link: SealedLink, now: Instant) throws
    /// To be called now and then. Throws if nothing more is to be waited for.
    func check() throws
    /// Whether the peer took what we offer.
    var isAccepted: Bool { get }
    /// The peer, or this end, will never take up what is under way.
    func forget()
    /// Whether the session may end in order.
    var isOver: Bool { get }
    /// The session is lost: leave a resumable state.
    func abandon(_ link: SealedLink)
    var progress: Progress { get }
    /// What was done; complete once `isOver`.
    var summary: TransferSummary { get }
    /// Warnings since the last call.
    func takeWarnings() -> [TransferWarning]
}

extension TransferSide {
    var isBusy: Bool { false }
    var isAccepted: Bool { false }
    func check() throws {}
    func forget() {}
}
