import PacketFSChannel
import PacketFSEngine
import PacketFSPad
import PacketFSRebuild
import PacketFSWire

/// Takes a one-time-pad message of who holds its pad, opens it as `pad open` does, into the folder that it names, and says
/// that it has it.
final class MessageReceivingSide: TransferSide {
    private typealias Opening = (message: OpenedMessage, receipt: Receipt)

    private let home: Home
    private let grants: Grants
    private let integrity: SessionIntegrity
    private let startsThreads: Bool
    /// The message while it comes, its length, and its pad.
    private var incoming: (message: IncomingMessage, length: UInt64, pad: String)?
    /// The message once it has come.
    private var opening: Errand<Opening>?
    private var isWhole = false
    private var warnings: [TransferWarning] = []
    private(set) var isOver = false
    private(set) var progress = Progress()
    private(set) var summary = TransferSummary()

    /// - Parameter startsThreads: opens on a thread of its own.
    init(grants: Grants, home: Home, integrity: SessionIntegrity, startsThreads: Bool) {
        self.grants = grants
        self.home = home
        self.integrity = integrity
        self.startsThreads = startsThreads
    }

    var wantsToWork: Bool { opening != nil }

    func start(_: SealedLink, now: Instant) throws {}

    func work(_ link: SealedLink, now: Instant) throws {
        guard let opening, let receipt = try receipt(of: opening) else { return }
        self.opening = nil
        try link.send(.receipt(receipt, isLast: true), now: now)
    }

    func received(_ inbound: Inbound, _ link: SealedLink, now: Instant) throws {
        switch inbound {
        case .control(.message(let length, let hello)) where incoming == nil && !isWhole:
            let pad = try home.pad(heldBy: hello, in: integrity)
            incoming = (try home.incomingMessage(), length, pad)
            (progress.phase, progress.bytesTotal) = (.transferring, length)
        case .control(.piece(let bytes)): try take(bytes, link, now: now)
        case .control(.abort(let reason)): throw EngineError.peerAborted(reason)
        case .control(.alive): return
        case .control(.end) where isWhole && opening == nil: isOver = true
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
        isWhole = true
        progress.phase = .committing
        summary.protection = .otp
        opening = Errand(onThread: startsThreads) { [home, grants] in
            try home.open(message, keepsOwner: false) { try Self.root($0, of: grants) }
        }
        if !startsThreads { try work(link, now: now) }
    }

    /// `nil` if it is not opened yet. One that was opened before, because our word of it was lost, is answered once more,
    /// and not opened.
    private func receipt(of opening: Errand<Opening>) throws -> Receipt? {
        do {
            guard let (opened, receipt) = try opening.take() else { return nil }
            summary.entries = opened.entries
            summary.filesWritten = opened.filesWritten
            summary.contentBytes = progress.bytesDone
            summary.warnings = opened.warnings
            warnings = opened.warnings
            return receipt
        } catch PadError.opened {
            return Receipt(transfer: TransferID(unchecked: [UInt8](repeating: 0, count: TransferID.byteCount)))
        }
    }

    private static func root(_ destination: String, of grants: Grants) throws -> DestinationRoot {
        guard let (base, relative) = grants.resolve(destination) else { throw AbortReason.refusedByPolicy }
        return try DestinationRoot.open(base: base, relative: Array(relative.utf8), creates: true, needsBase: true)
    }

    func abandon(_: SealedLink) {
        opening?.settle()
        (opening, incoming) = (nil, nil)
    }

    func takeWarnings() -> [TransferWarning] {
        defer { warnings = [] }
        return warnings
    }
}
