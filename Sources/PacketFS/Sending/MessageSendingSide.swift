import PacketFSChannel
import PacketFSEngine
import PacketFSPad
import PacketFSPlan
import PacketFSWire
import Synchronization

/// The message that a session carries: sealed when the session begins, or one that is kept.
final class OutgoingMessage: Sendable {
    private let start: Mutex<UInt64?>
    private let make: @Sendable () throws -> MessageInHand

    /// Block of the message, once it is sealed.
    var block: UInt64? { start.withLock(\.self) }

    init(kept start: UInt64? = nil, sealing make: @escaping @Sendable () throws -> MessageInHand) {
        self.start = Mutex(start)
        self.make = make
    }

    /// Seals it, for the first session that gets that far.
    func seal() throws -> MessageInHand {
        let message = try make()
        start.withLock { $0 = message.kept.start }
        return message
    }
}

/// Carries a one-time-pad message to the peer, and keeps it until the peer says that it has it (`Specs/pads.md` §6.1).
final class MessageSendingSide: TransferSide {
    private let home: Home
    private let padName: String
    private let message: OutgoingMessage
    private let integrity: SessionIntegrity
    /// The message while it is sealed.
    private var sealing: Errand<MessageInHand>?
    private var pad: Pad?
    private var start: UInt64 = 0
    private var reader: KeptMessageReader?
    private(set) var isOver = false
    private(set) var progress = Progress()
    private(set) var summary = TransferSummary()
    private var warnings: [TransferWarning] = []

    init(_ message: OutgoingMessage, pad: String, home: Home, integrity: SessionIntegrity) {
        self.message = message
        self.integrity = integrity
        padName = pad
        self.home = home
    }

    var wantsToWork: Bool { sealing != nil || reader != nil }

    func start(_ link: SealedLink, now: Instant) throws {
        progress.phase = .scanning
        if let block = message.block { return try begin(home.openPad(padName), block, link, now) }
        sealing = Errand(onThread: true) { [message] in try message.seal() }
    }

    /// Announces the message once it is sealed.
    private func announce(_ sealing: Errand<MessageInHand>, _ link: SealedLink, _ now: Instant) throws {
        guard let sealed = try sealing.take() else { return }
        self.sealing = nil
        summary.entries = sealed.tree.manifest.entries.count
        summary.treeBytes = sealed.tree.totalBytes
        warnings = sealed.tree.problems.map { TransferWarning($0) }
        summary.warnings = warnings
        try begin(sealed.pad, sealed.kept.start, link, now)
    }

    private func begin(_ pad: Pad, _ start: UInt64, _ link: SealedLink, _ now: Instant) throws {
        let reader = try pad.read(start)
        let length = try reader.length
        (self.pad, self.start, self.reader) = (pad, start, reader)
        summary.contentBytes = length
        (progress.phase, progress.bytesTotal) = (.transferring, length)
        try link.send(.message(length: length, pad.hello(session: integrity.sessionID)), now: now)
    }

    func work(_ link: SealedLink, now: Instant) throws {
        if let sealing { return try announce(sealing, link, now) }
        let bytes = try reader?.next(Limits.payload) ?? []
        try link.send(.piece(bytes), now: now)
        progress.bytesDone += UInt64(bytes.count)
        // With the last of them the receipt is due.
        guard bytes.isEmpty || progress.bytesDone == progress.bytesTotal else { return }
        (reader, progress.phase) = (nil, .committing)
    }

    func received(_ inbound: Inbound, _ link: SealedLink, now: Instant) throws {
        switch inbound {
        case .control(.receipt(let receipt, isLast: true)) where reader == nil && !isOver: try acknowledged(receipt)
        case .control(.abort(let reason)): throw EngineError.peerAborted(reason)
        case .control(.alive): return
        case .control(.end) where isOver: return
        default: throw EngineError.unexpectedMessage
        }
    }

    /// The peer has the message: it is not kept any longer.
    private func acknowledged(_ receipt: Receipt) throws {
        guard let pad else { throw EngineError.unexpectedMessage }
        try pad.forget(start)
        summary.filesWritten = receipt.filesWritten
        summary.protection = .otp
        let block = UInt64(Limits.padBlock)
        let used = MessageHead.blocks(ofLength: summary.contentBytes) ?? 0
        summary.pad = PadUse(
            name: padName, source: PadSourceInfo(pad.header.source), used: used * block, left: pad.left * block)
        if !receipt.failures.isEmpty {
            let reason = "\(receipt.failures.count) entries could not be written, or not fully"
            warnings.append(TransferWarning(path: "", reason: reason))
            summary.warnings.append(TransferWarning(path: "", reason: reason))
        }
        self.pad = nil
        isOver = true
    }

    func abandon(_: SealedLink) {
        sealing?.settle()
        (sealing, pad, reader) = (nil, nil, nil)
    }

    func takeWarnings() -> [TransferWarning] {
        defer { warnings = [] }
        return warnings
    }
}
