import PacketFSBlob
import PacketFSChannel
import PacketFSEngine
import PacketFSPad
import PacketFSPlan
import PacketFSRebuild
import PacketFSStore
import PacketFSTransport
import PacketFSWire

extension AbortReason {
    /// What the peer is told of a failure here; `nil` if the channel itself failed, which is answered by silence.
    init?(tellingOf error: any Error) {
        switch error {
        case is ChannelError, is TransportError: return nil
        case EngineError.peerAborted: return nil
        case EngineError.aborted(let reason): self = reason
        case is EngineError, is WireError: self = .malformed
        case let reason as AbortReason: self = reason
        case let error as RebuildError: self = error.reason
        case PlanError.missingBytes: self = .missingBytes
        case PlanError.tooManyEntries, PlanError.tooManyAttributes, PlanError.tooManyBytes,
            StoreError.tooManyExtents:
            self = .limitExceeded
        case PlanError.diskFull, BlobError.diskFull, StoreError.diskFull: self = .diskFull
        case PlanError.unknownLeaf, PlanError.unknownEntry: self = .malformed
        case PlanError.cancelled: self = .stopping
        case is PlanError: self = .sourceUnusable
        case let error as PadError: self = error.reason
        case is CancellationError: self = .stopping
        case let error as PacketFSError:
            guard let cause = error.cause else { fallthrough }
            self.init(tellingOf: cause)
        default: self = .internalError
        }
    }
}

extension AbortReason {
    /// Whether it says that the transfer may not be, so that it is no use to go on with it later. `isAccepted`: the
    /// receiver could take it once.
    static func isRefusal(_ error: any Error, isAccepted: Bool) -> Bool {
        switch error {
        case EngineError.peerAborted(.destinationUnusable): !isAccepted
        case EngineError.peerAborted(.refusedByPolicy), EngineError.peerAborted(.missingBytes): true
        case PlanError.missingBytes: true
        default: false
        }
    }
}

extension PadError {
    /// What the peer is told of it.
    fileprivate var reason: AbortReason {
        switch self {
        case .exhausted: .padExhausted
        case .malformedMessage: .malformed
        case .diskFull: .diskFull
        case .noLockedMemory: .limitExceeded
        default: .padUnusable
        }
    }
}

extension PacketFSError {
    /// This end gave up.
    init(ours reason: AbortReason) {
        switch reason {
        case .refusedByPolicy:
            self.init(.refused, "the peer's entry does not allow that")
        case .busy: self.init(.limit, "the peer has as many sessions as its entry allows")
        case .integrity: self.init(.integrity, "a repaired leaf still does not verify")
        case .malformed: self.init(.integrity, "the peer broke the protocol")
        case .stopping: self.init(.interrupted, "stopped", hint: "run the same command again to go on from there")
        case .padExhausted, .padUnusable: self.init(.limit, "the pad cannot be used", cause: reason)
        default: self.init(.internal, "given up", cause: reason)
        }
    }

    /// The other end gave up.
    init(theirs reason: AbortReason, peer: String) {
        switch reason {
        case .refusedByPolicy:
            self.init(
                .refused, "\(peer) does not allow that",
                hint: "its `packetfs peer show` lists which roots it grants us, and for what")
        case .destinationUnusable:
            self.init(
                .destination, "\(peer) cannot write to the destination",
                hint:
                    "the folder that it allows is missing, a part of the path is a file or a link, or the disk is read-only or gone: the log of 'serve' there says what"
            )
        case .diskFull:
            self.init(
                .diskFull, "\(peer) has no space left for what it writes, or for its blob",
                hint: "free some there, as with `packetfs blob trim`, or transfer with --no-learn, and run it again")
        case .malformed: self.init(.peerAborted, "\(peer) says that we broke the protocol")
        case .limitExceeded:
            self.init(
                .limit,
                "a limit of \(peer) was exceeded: too many files or attributes, too little memory, or a full log there",
                hint: "send or fetch parts of it, or run `packetfs blob trim` there")
        case .sourceUnusable:
            self.init(
                .source, "\(peer) cannot read a source",
                hint: "it is not there, a link leads to it, or the user that 'serve' runs as may not read it")
        case .missingBytes: self.init(.missingBytes, "the blob of \(peer) lacks bytes, and only offsets were asked for")
        case .stopping:
            self.init(.connection, "\(peer) was stopped", hint: "run the same command again to go on from there")
        case .busy: self.init(.limit, "\(peer) allows no further session now", hint: "try again later")
        case .integrity: self.init(.integrity, "\(peer) could not verify what it rebuilt")
        case .padExhausted:
            self.init(
                .limit, "the half of the pad that \(peer) sends with has too few bytes left",
                hint: "carry a new pad to \(peer), then run the same command with it to go on from there")
        case .padUnusable:
            self.init(
                .refused, "\(peer) cannot use the pad, or saw this part of it used before",
                hint: "its `packetfs pad status` says whether the pad is there, locked, or in use")
        case .internalError: self.init(.peerAborted, "\(peer) failed; its log says why")
        }
    }
}
