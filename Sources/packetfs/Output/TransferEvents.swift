import PacketFS

/// `{"event":"progress"}`: counters of a running transfer.
struct ProgressEvent: Encodable {
    let event = "progress"
    let phase: String
    let bytesDone: UInt64
    let bytesTotal: UInt64
    let wireSent: UInt64
    let wireReceived: UInt64
    let leavesRepaired: Int

    init(_ progress: Progress) {
        phase = progress.phase.rawValue
        bytesDone = progress.bytesDone
        bytesTotal = progress.bytesTotal
        wireSent = progress.wireSent
        wireReceived = progress.wireReceived
        leavesRepaired = progress.leavesRepaired
    }
}

/// `{"event":"warning"}`: something about one path.
struct WarningEvent: Encodable {
    let event = "warning"
    let path: String
    let reason: String

    init(_ warning: TransferWarning) {
        path = warning.path
        reason = warning.reason
    }
}

/// `{"event":"change"}`: what a dry run would do with one path.
struct ChangeEvent: Encodable {
    let event = "change"
    let action: String
    let path: String

    init(_ change: PathChange) {
        action = change.kind.rawValue
        path = change.path
    }
}

/// `{"event":"finished"}`, or `{"event":"transferred"}` when a server reports it: what a transfer did.
struct SummaryEvent: Encodable {
    let event: String
    var peer: String?
    let entries: Int
    let filesWritten: Int
    let filesKept: Int
    let deleted: Int
    let treeBytes: UInt64
    let contentBytes: UInt64
    let wireBytes: UInt64
    let wireSent: UInt64
    let dataPlaneBytes: UInt64
    let leavesRepaired: Int
    let bytesRepaired: UInt64
    let extentsHealed: Int
    let extentsLost: Int
    let bytesLearned: UInt64
    let planSeconds: Double
    let totalSeconds: Double
    let warnings: Int
    let protection: String
    let pad: String?
    let padSourceKind: String?
    let padUsed: UInt64?
    let padBurnt: UInt64?
    let padLeft: UInt64?
    var digests: [PathDigest]?

    /// SHA-256 of one committed file. A list and not an object: the encoder would rewrite paths that are keys.
    struct PathDigest: Encodable {
        let path: String
        let sha256: String
    }

    init(_ event: String, _ summary: TransferSummary) {
        self.event = event
        entries = summary.entries
        filesWritten = summary.filesWritten
        filesKept = summary.filesKept
        deleted = summary.deleted
        treeBytes = summary.treeBytes
        contentBytes = summary.contentBytes
        wireBytes = summary.wireBytes
        wireSent = summary.wireSent
        dataPlaneBytes = summary.dataPlaneBytes
        leavesRepaired = summary.leavesRepaired
        bytesRepaired = summary.bytesRepaired
        extentsHealed = summary.extentsHealed
        extentsLost = summary.extentsLost
        bytesLearned = summary.bytesLearned
        planSeconds = summary.planSeconds
        totalSeconds = summary.totalSeconds
        warnings = summary.warnings.count
        protection = summary.protection.rawValue
        pad = summary.pad?.name
        padSourceKind = summary.pad?.source.kind.rawValue
        padUsed = summary.pad?.used
        padBurnt = summary.pad?.burnt
        padLeft = summary.pad?.left
        let digests = summary.digests.map { PathDigest(path: $0.text, sha256: $0.sha256) }
        self.digests = digests.isEmpty ? nil : digests
    }
}

/// `{"event":"error"}`: why the command failed; always the last line.
struct ErrorEvent: Encodable {
    let event = "error"
    let code: String
    let exitCode: Int32
    let message: String
    let hint: String?
    let peer: String?

    init(_ error: PacketFSError, peer: String? = nil) {
        code = error.code.rawValue
        exitCode = ExitStatus.code(for: error.code)
        message = error.message
        hint = error.hint
        self.peer = peer
    }
}
