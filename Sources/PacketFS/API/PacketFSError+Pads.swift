import Glibc
import PacketFSPad
import PacketFSWire

extension PacketFSError {
    init(_ error: PadError) {
        switch error {
        case .notFound: self.init(.state, "there is no such pad", hint: "see `packetfs pad status`", cause: error)
        case .alreadyExists:
            self.init(.state, "there is one of that name; pads are never overwritten", cause: error)
        case .alreadyImported:
            self.init(
                .refused, "this home has, or had, that pad: a pad is imported once",
                hint: "destroy the carried file", cause: error)
        case .notPrivate:
            self.init(.state, "a file of the pad is open to others", hint: "chmod it to 0600", cause: error)
        case .notAPlainFile: self.init(.state, "a file of the pad is a link, a folder or a device", cause: error)
        case .notAPad: self.init(.state, "that is no pad, or its header was damaged", cause: error)
        case .wrongHolder:
            self.init(
                .state, "that is not the right kind of pad file",
                hint: "split a whole pad first; import one side's copy", cause: error)
        case .wrongLength: self.init(.state, "the pad file is shorter or longer than it says", cause: error)
        case .sparse: self.init(.state, "the pad file has holes: it was not copied whole", cause: error)
        case .damaged(_, let block): self.init(.integrity, "block \(block) of the pad is damaged", cause: error)
        case .zeros(_, let block):
            self.init(
                .integrity, "block \(block) of the pad has zeros: it was destroyed, or never filled", cause: error)
        case .busy: self.init(.state, "another process uses the pad", hint: "run the command again", cause: error)
        case .ledgerDamaged:
            self.init(
                .integrity, "the pad's ledger is missing or damaged", hint: "`packetfs pad destroy`; \(Self.anew)",
                cause: error)
        case .unknownMachine:
            self.init(
                .state, "this machine has no id, so a copy of it could use a pad twice: /etc/machine-id is missing",
                hint: Self.machineID, cause: error)
        case .otherMachine: self.init(.refused, "the pad is bound to another machine", hint: Self.skip, cause: error)
        case .otherFiles:
            self.init(.refused, "the pad, or its ledger, is a copy or a restored backup", hint: Self.skip, cause: error)
        case .rolledBack(let mark):
            self.init(
                .refused, "the peer has seen blocks up to \(mark), beyond what our ledger knows: it was rolled back",
                hint: Self.skip, cause: error)
        case .exhausted(let needed, let left):
            let size = UInt64(Limits.padBlock)
            self.init(
                .limit, "the pad has \(left * size) bytes left, and \(needed * size) are needed", hint: Self.anew,
                cause: error)
        case .retired: self.init(.state, "the pad was destroyed", cause: error)
        case .positionTooLow(let least):
            self.init(.usage, "blocks before \(least) were used", hint: "skip past \(least) at least", cause: error)
        case .positionTooHigh(let most):
            self.init(.usage, "each half of the pad has \(most) blocks", cause: error)
        case .receivedUnknown:
            self.init(
                .usage, "the pad is locked: its ledger may not know which messages were opened",
                hint: "--received-to the block that the peer's `pad status` shows as 'sent to'", cause: error)
        case .spent: self.init(.refused, "the part of the pad that the message takes is spent", cause: error)
        case .opened: self.init(.refused, "the message was opened before", cause: error)
        case .reused(let block):
            self.init(
                .refused,
                "another message was opened with block \(block) of the pad: its sender was rolled back, and "
                    + "used bytes twice, or somebody made this one up", hint: "on the sender's machine, " + Self.skip,
                cause: error)
        case .otherPad: self.init(.refused, "the message is not of a peer with a pad of ours", cause: error)
        case .notAuthentic: self.init(.integrity, "that is no authentic message; nothing was spent", cause: error)
        case .tooManyTries:
            self.init(.limit, "too many forged messages named this place of the pad; it opens none now", cause: error)
        case .malformedMessage: self.init(.integrity, "the message breaks the format", cause: error)
        case .noSuchMessage: self.init(.usage, "no message that begins at this block is kept", cause: error)
        case .unhealthy(let test, let sample):
            self.init(.source, "the source failed its \(test.words) test at byte \(sample)", cause: error)
        case .sourceTooShort: self.init(.source, "the source ended before the pad was full", cause: error)
        case .sourceUnusable(let number):
            self.init(.source, "the source cannot be used: \(String(cString: strerror(number)))", cause: error)
        case .notDestroyed: self.init(.state, "what was overwritten can still be read", cause: error)
        case .badSize: self.init(.usage, "a pad has 8 KiB to 512 TiB, a message 1 TiB at most", cause: error)
        case .diskFull: self.init(.diskFull, "no space is left", cause: error)
        case .noLockedMemory:
            self.init(
                .limit, "a pad's bytes cannot be locked into memory: the memlock limit is too low",
                hint: ProcessGuard.raiseLimit, cause: error)
        case .crashed: self.init(.internal, "a simulated crash", cause: error)
        case .system(let number):
            self.init(.state, "the pad cannot be used: \(String(cString: strerror(number)))", cause: error)
        }
    }

    static func hint(on lock: PadStatus.Lock) -> String { lock == .unknownMachine ? machineID : skip }

    private static let anew = "make and carry a new pad"
    private static let machineID = "`systemd-machine-id-setup`, or `dbus-uuidgen --ensure=/etc/machine-id`"
    private static let skip = "`packetfs pad skip`, to where the peer's `pad status` shows that things stand"
}

extension HealthTest {
    fileprivate var words: String {
        switch self {
        case .repetitionCount: "repetition count"
        case .adaptiveProportion: "adaptive proportion"
        }
    }
}
