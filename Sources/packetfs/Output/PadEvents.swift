import PacketFS

/// `{"event":"pad"}`: what is left of a pad, in bytes; `next` and `mark` are blocks.
struct PadEvent: Encodable {
    let event = "pad"
    let name: String
    let id: String
    let source: String?
    let sourceKind: String?
    let claim: String?
    let lock: String?
    let problem: String?
    let left: UInt64
    let spent: UInt64
    let burnt: UInt64
    let receivable: UInt64
    let received: UInt64
    let next: UInt64
    let mark: UInt64
    let kept: [UInt64]

    init(_ pad: PadInfo) {
        name = pad.name
        id = pad.id
        source = pad.source?.name
        sourceKind = pad.source?.kind.rawValue
        claim = pad.source?.claim
        lock = pad.lock?.reason
        problem = pad.problem?.message
        left = pad.left
        spent = pad.spent
        burnt = pad.burnt
        receivable = pad.receivable
        received = pad.received
        next = pad.next
        mark = pad.mark
        kept = pad.kept
    }
}

/// `{"event":"made"}`: a pad file that was filled.
struct PadMadeEvent: Encodable {
    let event = "made"
    let file: String
    let source: String
    let sourceKind: String
    let claim: String

    init(file: String, source: PadSourceInfo) {
        self.file = file
        self.source = source.name
        sourceKind = source.kind.rawValue
        claim = source.claim
    }
}

/// `{"event":"split"}`: the copies of both sides.
struct PadSplitEvent: Encodable {
    let event = "split"
    let files: [String]
}

/// `{"event":"sealed"}`: a message that was made.
struct SealedEvent: Encodable {
    let event = "sealed"
    let start: UInt64
    let bytes: UInt64
    let entries: Int
    let sourceKind: String
    let claim: String

    init(_ message: SealedMessage) {
        start = message.start
        bytes = message.length
        entries = message.entries
        sourceKind = message.source.kind.rawValue
        claim = message.source.claim
    }
}

/// `{"event":"opened"}`: a message that was taken in.
struct OpenedEvent: Encodable {
    let event = "opened"
    let pad: String
    let entries: Int
    let filesWritten: Int

    init(_ message: OpenedMessage) {
        pad = message.pad
        entries = message.entries
        filesWritten = message.filesWritten
    }
}
