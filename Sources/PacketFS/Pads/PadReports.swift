import PacketFSPad
import PacketFSPlan
import PacketFSWire

/// Where the bytes of a pad come from, and what may be claimed of it because of that.
public struct PadSourceInfo: Sendable, Equatable {
    /// Kinds of sources.
    public enum Kind: String, Sendable {
        /// A device other than the kernel's generator.
        case hardware
        /// A file that somebody filled.
        case file
        /// The kernel's generator.
        case system
    }

    /// What kind of source it is.
    public var kind: Kind
    /// The name under which it was read.
    public var name: String

    init(_ source: PadSource) {
        name = source.name
        kind =
            switch source.kind {
            case .hardware: .hardware
            case .file: .file
            case .system: .system
            }
    }

    /// Whether the bytes are computed, so that no pad of them is a one-time pad.
    public var isComputed: Bool { kind == .system }

    /// One sentence on what a message under such a pad may claim.
    public var claim: String {
        switch kind {
        case .hardware, .file: "C8 and C9: a one-time pad, if the source was truly random and every copy stays secret"
        case .system: "no better than the kernel's generator: computed bytes, and not a one-time pad"
        }
    }
}

/// What is left of a pad. Counts are bytes.
public struct PadInfo: Sendable, Equatable {
    /// The pad's name on this machine.
    public var name: String
    /// Thirty-two hexadecimal digits, the same on both machines; empty if the ledger does not say.
    public var id: String
    /// `nil` for a pad that was destroyed, or of which nothing can be said.
    public var source: PadSourceInfo?
    /// Why nothing can be sealed or opened; `nil` if nothing is in the way.
    public var lock: Lock?
    /// Why nothing can be said of the pad, if so: its ledger or file is damaged, or another process uses it.
    public var problem: Problem?
    /// Free for sending.
    public var left: UInt64 = 0
    /// Used for sending.
    public var spent: UInt64 = 0
    /// Lost for sending: set aside and not used.
    public var burnt: UInt64 = 0
    /// Free for receiving.
    public var receivable: UInt64 = 0
    /// Used for receiving.
    public var received: UInt64 = 0
    /// The next block for sending.
    public var next: UInt64 = 0
    /// The end of the highest block that was received: where the peer goes on at the earliest, should it lose its ledger.
    public var mark: UInt64 = 0
    /// First blocks of messages that are kept until the peer acknowledges them.
    public var kept: [UInt64] = []

    /// What locks a pad.
    public struct Lock: Sendable, Equatable {
        /// `unknownMachine`, `otherMachine`, `otherFiles` or `rolledBack`.
        public var reason: String
        /// What to do about it, in words.
        public var hint: String

        init(_ lock: PadStatus.Lock) {
            reason = lock.rawValue
            hint = PacketFSError.hint(on: lock)
        }
    }

    /// A failure, in words.
    public struct Problem: Sendable, Equatable {
        /// What kind of failure it is.
        public var code: PacketFSError.Code
        /// One sentence.
        public var message: String
    }

    init(name: String, id: PadID?, _ error: PacketFSError) {
        self.name = name
        self.id = id?.bytes.hexadecimal ?? ""
        problem = Problem(code: error.code, message: error.message)
    }

    init(name: String, _ status: PadStatus) {
        let block = UInt64(Limits.padBlock)
        self.name = name
        id = status.pad.bytes.hexadecimal
        source = status.source.map { PadSourceInfo($0) }
        lock = status.lock.map { Lock($0) }
        left = status.left * block
        spent = status.spent * block
        burnt = status.burnt * block
        receivable = status.receivable * block
        received = status.received * block
        next = status.next
        mark = status.mark
        kept = status.kept.map(\.start)
    }
}

/// A message that was sealed.
public struct SealedMessage: Sendable, Equatable {
    /// The first block that it covers, by which it is kept.
    public var start: UInt64
    /// Bytes of the message.
    public var length: UInt64
    /// Entries of the tree that it carries.
    public var entries: Int
    /// Where the pad's bytes come from.
    public var source: PadSourceInfo
    /// What was not sealed, or not fully.
    public var warnings: [TransferWarning]

    init(_ message: MessageInHand) {
        start = message.kept.start
        length = message.kept.length
        entries = message.tree.manifest.entries.count
        source = PadSourceInfo(message.pad.header.source)
        warnings = message.tree.problems.map { TransferWarning($0) }
    }
}

/// A message that was opened.
public struct OpenedMessage: Sendable, Equatable {
    /// The pad's name.
    public var pad: String
    /// Entries of the tree, and files that were written.
    public var entries: Int
    /// Files that were written.
    public var filesWritten: Int
    /// What was not written, or not fully.
    public var warnings: [TransferWarning]
}
