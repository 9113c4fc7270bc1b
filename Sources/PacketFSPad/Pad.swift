internal import Glibc
package import PacketFSWire

/// Where the parts of one pad lie.
package struct PadPlace: Sendable, Equatable {
    /// The pad file.
    package var pad: String
    /// Its ledger, which stays when the pad is destroyed.
    package var ledger: String
    /// The folder of messages that are kept until they are acknowledged.
    package var messages: String

    package init(pad: String, ledger: String, messages: String) {
        self.pad = pad
        self.ledger = ledger
        self.messages = messages
    }
}

/// One side's copy of a pad, open for this process alone (`Specs/pads.md` §5).
///
/// Every block goes one way: free → reserved (durable) → used once → stored or sent → destroyed. A crash on the way
/// burns it. Not `Sendable`: one task works with a pad.
package final class Pad {
    package let header: PadHeader
    let place: PadPlace
    let calls: PadFileCalls
    let file: PadFile
    let ledger: Ledger

    /// The half that this side sends with.
    let own: Int
    var peers: Int { 1 - own }
    var state: LedgerState { ledger.state }

    /// Brings a carried copy to `place`, binds it to this machine, and destroys the carried file. Throws `unknownMachine`,
    /// and leaves it, where that cannot be.
    package static func adopt(
        _ carried: String, to place: PadPlace, machine: MachineIdentity? = .current, gate: any PadGate = OpenPadGate()
    ) throws(PadError) -> Pad {
        let machine = try require(machine)
        let calls = PadFileCalls(gate: gate)
        let maker = PadMaker(gate: gate)
        // Locked until it is gone: nobody else imports it meanwhile.
        let source = try PadFile(carried, calls: calls)
        defer { withExtendedLifetime(source) {} }
        guard access(place.ledger, F_OK) != 0 else { throw .alreadyExists }
        try eraseLeftover(of: source, at: place, calls)
        guard try !hasMessages(at: place) else { throw .alreadyExists }
        try maker.take(source, to: place.pad)
        try calls.makeFolder(place.messages)
        let file = try PadFile(place.pad, calls: calls)
        try makeMooring(place, calls)
        let ledger = try Ledger.create(
            place.ledger, pad: file.header.pad, blocks: file.header.blocks, calls: calls
        ) { ledger throws(PadError) in
            let files = try identity(of: file.file, ledger, mooring: place.newMooring)
            return .bound(machine: machine.digest, files: files, next: 0)
        }
        try maker.erase(carried)
        return try Pad(file: file, ledger: ledger, place: place, calls: calls)
    }

    /// Destroys what interrupted imports of a carried copy left at places that have no ledger.
    package static func eraseLeftovers(of carried: String, at places: [PadPlace]) throws(PadError) {
        let calls = PadFileCalls(gate: OpenPadGate())
        // Locked, so that it is not taken for a leftover if it lies at such a place itself.
        let source = try PadFile(carried, calls: calls)
        defer { withExtendedLifetime(source) {} }
        for place in places where access(place.ledger, F_OK) != 0 {
            try eraseLeftover(of: source, at: place, calls)
        }
    }

    /// Destroys what an interrupted import left at a place that has no ledger, and nothing else that may be there.
    private static func eraseLeftover(
        of source: PadFile, at place: PadPlace, _ calls: PadFileCalls
    ) throws(PadError) {
        let isLeft = (try? isLeftover(place.pad, of: source, calls)) ?? false
        if isLeft { try PadMaker(gate: calls.gate).eraseLeftover(place.pad) }
    }

    /// Whether a pad file has the copy's header or, where its destruction was interrupted last, nothing but zeros.
    private static func isLeftover(
        _ path: String, of source: PadFile, _ calls: PadFileCalls
    ) throws(PadError) -> Bool {
        do throws(PadError) {
            return try PadFile(path, calls: calls).header == source.header
        } catch .notAPad {
            let file = try PrivateFile(path, O_RDONLY)
            return try file.isZero(0..<file.size())
        }
    }

    /// Destroys a carried copy that an interrupted import left. Throws `alreadyImported`, and leaves the file, if it is
    /// not the very copy that is in use at `place`.
    package static func finishAdopting(
        _ carried: String, at place: PadPlace, gate: any PadGate = OpenPadGate()
    ) throws(PadError) {
        let source = try PadFile(carried, calls: PadFileCalls(gate: gate))
        defer { withExtendedLifetime(source) {} }
        let pad: Pad
        do throws(PadError) {
            pad = try openUnchecked(place, gate: gate)
        } catch .retired {
            throw .alreadyImported
        }
        guard source.header == pad.header else { throw .alreadyImported }
        try PadMaker(gate: gate).erase(carried)
    }

    /// Opens a pad, and burns what a crash left reserved. Throws `otherMachine`, `otherFiles` for a pad that is not
    /// where it was bound, `unknownMachine` where that cannot be told.
    package static func open(
        _ place: PadPlace, machine: MachineIdentity? = .current, gate: any PadGate = OpenPadGate()
    ) throws(PadError) -> Pad {
        let machine = try require(machine)
        let pad = try openUnchecked(place, gate: gate)
        try pad.requireBound(to: machine)
        try pad.moor(machine, next: pad.state.next)
        try pad.recover()
        return pad
    }

    static func openUnchecked(_ place: PadPlace, gate: any PadGate) throws(PadError) -> Pad {
        let calls = PadFileCalls(gate: gate)
        guard access(place.ledger, F_OK) == 0 else {
            throw access(place.pad, F_OK) == 0 ? .ledgerDamaged : .notFound
        }
        guard access(place.pad, F_OK) == 0 else { throw .retired }
        let file = try PadFile(place.pad, calls: calls)
        let ledger = try Ledger.open(place.ledger, blocks: file.header.blocks, calls: calls)
        return try Pad(file: file, ledger: ledger, place: place, calls: calls)
    }

    private init(file: PadFile, ledger: Ledger, place: PadPlace, calls: PadFileCalls) throws(PadError) {
        guard ledger.pad == file.header.pad else { throw .ledgerDamaged }
        guard !ledger.state.isRetired else { throw .retired }
        switch file.header.holder {
        case .nobody: throw .wrongHolder
        case .lower: own = 0
        case .higher: own = 1
        }
        header = file.header
        self.file = file
        self.ledger = ledger
        self.place = place
        self.calls = calls
    }
}

extension Pad {
    /// Blocks of our half that are free.
    package var left: UInt64 { header.blocks - state.next }

    /// Sets blocks of our half aside, durably: they are the caller's, and nobody else's ever. Blocks that are reserved
    /// one after another while the pad is open adjoin.
    package func reserve(_ count: UInt64) throws(PadError) -> Range<UInt64> {
        try requireNotRolledBack()
        guard count <= left else { throw .exhausted(needed: count, left: left) }
        let start = state.next
        try ledger.append(.reserved(start: start, count: count))
        return start..<start + count
    }

    /// Destroys reserved blocks and records what became of them.
    func finish(_ range: Range<UInt64>, isUsed: Bool) throws(PadError) {
        guard !range.isEmpty else { return }
        try file.destroy(half: own, range)
        try record(range, isUsed: isUsed)
    }

    /// Records what became of reserved blocks that are destroyed.
    func record(_ range: Range<UInt64>, isUsed: Bool) throws(PadError) {
        guard !range.isEmpty else { return }
        let count = range.upperBound - range.lowerBound
        let start = range.lowerBound
        try ledger.append(isUsed ? .settled(start: start, count: count) : .burnt(start: start, count: count))
    }

    /// Counts a try to open what begins at a block of the peer's half. Throws `tooManyTries`.
    func countTry(at start: UInt64) throws(PadError) {
        try requireTry(at: start)
        try ledger.append(.tried(start: start))
    }

    /// Throws `tooManyTries` if none is left to open what begins at a block of the peer's half.
    private func requireTry(at start: UInt64) throws(PadError) {
        guard state.tries[start, default: 0] < Limits.padTries else { throw .tooManyTries }
    }

    /// Whether none of these blocks of the peer's half is spent.
    func areFresh(_ range: Range<UInt64>) -> Bool {
        !state.received.overlaps(range)
    }

    /// The blocks of a message that begins with this head. Throws `otherPad`, or `notAuthentic` for one that has no place
    /// in the pad.
    func blocks(of head: MessageHead, length: UInt64) throws(PadError) -> Range<UInt64> {
        guard head.pad == header.pad, Int(head.direction) == peers else { throw .otherPad }
        guard let count = MessageHead.blocks(ofLength: length), head.start < header.blocks,
            count <= header.blocks - head.start
        else { throw .notAuthentic }
        return head.start..<head.start + count
    }

    /// Throws what keeps a message that begins with this head from being opened, as far as that can be known before the
    /// rest is there.
    package static func expect(
        _ head: MessageHead, length: UInt64, at place: PadPlace, machine: MachineIdentity? = .current
    ) throws(PadError) {
        let pad = try openUnchecked(place, gate: OpenPadGate())
        try pad.requireBound(to: machine)
        let blocks = try pad.blocks(of: head, length: length)
        // Whether it is the one that was opened, its end says.
        if pad.state.latest.contains(where: { $0.start == head.start }) { return }
        guard pad.areFresh(blocks) else { throw .spent }
        try pad.requireNotRolledBack()
        try pad.requireTry(at: head.start)
    }

    /// Why a message whose blocks are not fresh is not opened. Only one that is the same to the last bit was opened
    /// before; else the peer used blocks twice.
    func refusal(of mark: MessageMark) -> PadError {
        let known = state.latest.first { $0.start == mark.start && $0.tag.contains { $0 != 0 } }
        guard let known else { return .spent }
        return known == mark ? .opened : .reused(block: mark.start)
    }

    /// Records that blocks of the peer's half are spent on a message with this tag, and destroys them.
    func spend(_ range: Range<UInt64>, tag: [UInt8]) throws(PadError) {
        try ledger.append(.received(start: range.lowerBound, count: range.upperBound - range.lowerBound, tag: tag))
        try clear(range)
    }

    /// Records that blocks of the peer's half are spent on what is not known, and destroys them.
    private func draw(_ range: Range<UInt64>) throws(PadError) {
        try ledger.append(.drawn(start: range.lowerBound, count: UInt64(range.count)))
        try clear(range)
    }

    private func clear(_ range: Range<UInt64>) throws(PadError) {
        try file.destroy(half: peers, range)
        try ledger.append(.cleared(start: range.lowerBound, count: range.upperBound - range.lowerBound))
    }

    /// What the peer is told of its half.
    var marks: MessageMarks {
        MessageMarks(seen: state.received.end, opened: state.latest)
    }

    /// Takes what the peer says of our half: messages that it opened are not kept any longer. If it has seen more than
    /// we ever reserved, our ledger was rolled back, and nothing is reserved or opened from here on.
    func hear(_ marks: MessageMarks) throws(PadError) {
        guard marks.seen <= header.blocks else { throw .malformedMessage }
        if marks.seen > state.next, marks.seen > state.claimed { try ledger.append(.claimed(mark: marks.seen)) }
        for mark in marks.opened where try keeps(mark) { try calls.remove(messagePath(mark.start)) }
    }

    /// Finishes what a crash interrupted.
    private func recover() throws(PadError) {
        for range in state.open {
            let end = range.lowerBound + min(try storedBlocks(at: range.lowerBound), UInt64(range.count))
            try finish(range.lowerBound..<end, isUsed: true)
            try finish(end..<range.upperBound, isUsed: false)
        }
        for range in state.uncleared { try clear(range) }
        try removeUnfinishedMessages()
    }
}

extension Pad {
    /// Binds a pad to this machine and these files, and goes on at block `position` of our half: for a pad that was
    /// moved, copied or restored. Every block before is burnt, and so is the peer's half up to `received`.
    ///
    /// `position` MUST lie beyond every block that was ever used, as the peer's high-water mark and messages that are
    /// still under way tell; `received` beyond every block of the peer's that was ever spent, as where the peer's sending
    /// goes on tells. Throws `positionTooLow` for one that this ledger knows to be used, and `receivedUnknown` for a locked
    /// pad of which it is not said what was received.
    package static func skip(
        _ place: PadPlace, past position: UInt64, receivedTo received: UInt64? = nil,
        machine: MachineIdentity? = .current, gate: any PadGate = OpenPadGate()
    ) throws(PadError) {
        let machine = try require(machine)
        let pad = try openUnchecked(place, gate: gate)
        if received == nil, try pad.lock(for: machine) != nil { throw .receivedUnknown }
        let (received, most) = (received ?? 0, pad.header.blocks)
        guard received <= most else { throw .positionTooHigh(atMost: most) }
        let least = max(pad.state.next, pad.state.claimed)
        guard position >= least else { throw .positionTooLow(atLeast: least) }
        guard position <= most else { throw .positionTooHigh(atMost: most) }
        try pad.recover()
        for range in pad.state.received.gaps(below: received) { try pad.draw(range) }
        try pad.file.destroy(half: pad.own, pad.state.next..<position)
        try pad.moor(machine, next: position)
    }

    /// Destroys all that is left of a pad, and messages that were kept, also where nothing can be said of the pad any
    /// more; the ledger stays, so that no copy of it is imported again. Goes on where a crash ended it.
    package static func destroy(_ place: PadPlace, gate: any PadGate = OpenPadGate()) throws(PadError) {
        guard access(place.pad, F_OK) == 0 else { throw access(place.ledger, F_OK) == 0 ? .retired : .notFound }
        let calls = PadFileCalls(gate: gate)
        let maker = PadMaker(gate: gate)
        let file = try PrivateFile(place.pad, O_RDWR)
        try file.lock()
        let ledger = try soundLedger(place, calls)
        try maker.eraseBody(of: file)
        try removeMessages(at: place, calls)
        if let ledger, !ledger.state.isRetired { try ledger.append(.retired) }
        for mooring in [place.mooring, place.newMooring] where access(mooring, F_OK) == 0 {
            try calls.remove(mooring)
        }
        try maker.eraseHead(of: file, at: place.pad)
    }

    /// `nil` if it is missing or damaged.
    private static func soundLedger(_ place: PadPlace, _ calls: PadFileCalls) throws(PadError) -> Ledger? {
        do throws(PadError) {
            return try Ledger.open(place.ledger, blocks: Limits.padBlocks, calls: calls)
        } catch {
            guard error == .ledgerDamaged || error == .notFound else { throw error }
            return nil
        }
    }

    /// The pad that a ledger is of.
    package static func id(ofLedger path: String) throws(PadError) -> PadID {
        try Ledger.pad(of: path)
    }

    /// The pad that a carried file is of.
    package static func id(ofFile path: String) throws(PadError) -> PadID {
        try PadFile(path, calls: PadFileCalls(gate: OpenPadGate())).header.pad
    }

    /// What is left of a pad, also of one that is locked.
    package static func status(
        _ place: PadPlace, machine: MachineIdentity? = .current
    ) throws(PadError) -> PadStatus {
        let pad: Pad
        do {
            pad = try openUnchecked(place, gate: OpenPadGate())
        } catch {
            guard error == .retired else { throw error }
            return PadStatus(pad: try Ledger.pad(of: place.ledger))
        }
        return try PadStatus(pad, lock: try pad.lock(for: machine))
    }
}
