import PacketFSChannel
import PacketFSEngine
import PacketFSPad
import PacketFSRebuild
import PacketFSWire

/// Takes a one-time-pad message of who holds its pad, opens it as `pad open` does, into the folder that it names, and says
/// that it has it.
final class MessageReceivingSide: TransferSide {
    private let home: Home
    private let grants: Grants
    private let integrity: SessionIntegrity
    /// The message while it comes, its length, and its pad.
    private var incoming: (message: IncomingMessage, length: UInt64, pad: String)?
    private var isOpened = false
    private var warnings: [TransferWarning] = []
    private(set) var isOver = false
    private(set) var progress = Progress()
    private(set) var summary = TransferSummary()

    init(grants: Grants, home: Home, integrity: SessionIntegrity) {
        self.grants = grants
        self.home = home
        self.integrity = integrity
    }

    let wantsToWork = false

    func start(_: SealedLink, now: Instant) throws {}
    func work(_: SealedLink, now: Instant) throws {}

    func received(_ inbound: Inbound, _ link: SealedLink, now: Instant) throws {
        switch inbound {
        case .control(.message(let length, let hello)) where incoming == nil && !isOpened:
            let pad = try home.pad(heldBy: hello, in: integrity)
            incoming = (try home.incomingMessage(), length, pad)
            (progress.phase, progress.bytesTotal) = (.transferring, length)
        case .control(.piece(let bytes)): try take(bytes, link, now: now)
        case .control(.abort(let reason)): throw EngineError.peerAborted(reason)
        case .control(.alive): return
        case .control(.end) where isOpened: isOver = true
        default: throw EngineError.unexpectedMessage
        }
    }

    private func take(_ bytes: [UInt8], _ link: SealedLink, now: Instant) throws {
        guard let (message, length, pad) = incoming, message.length + UInt64(bytes.count) <= length else {
            throw EngineError.malformed
        }
        let before = message.length
        try message.append(bytes[...])
        if before < MessageHead.size, message.length >= MessageHead.size {
            try home.expect(message, length: length, pad: pad)
        }
        progress.bytesDone = message.length
        guard message.length == length else { return }
        incoming = nil
        isOpened = true
        try link.send(.receipt(open(message), isLast: true), now: now)
    }

    /// A message that was opened before, because our word of it was lost, is answered once more, and not opened.
    private func open(_ message: IncomingMessage) throws -> Receipt {
        progress.phase = .committing
        summary.protection = .otp
        do {
            let (opened, receipt) = try home.open(message, keepsOwner: false, root)
            summary.entries = opened.entries
            summary.filesWritten = opened.filesWritten
            summary.contentBytes = message.length
            summary.warnings = opened.warnings
            warnings = opened.warnings
            return receipt
        } catch PadError.opened {
            return Receipt(transfer: TransferID(unchecked: [UInt8](repeating: 0, count: TransferID.byteCount)))
        }
    }

    private func root(_ destination: String) throws -> DestinationRoot {
        guard let (base, relative) = grants.resolve(destination) else { throw AbortReason.refusedByPolicy }
        return try DestinationRoot.open(base: base, relative: Array(relative.utf8), creates: true, needsBase: true)
    }

    func abandon() {
        incoming = nil
    }

    func takeWarnings() -> [TransferWarning] {
        defer { warnings = [] }
        return warnings
    }
}
