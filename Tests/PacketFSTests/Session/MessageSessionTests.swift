import Foundation
import PacketFSChannel
import PacketFSPad
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFS

/// One-time-pad messages that a session carries, from a peer that says what a test makes it say.
@Suite struct MessageSessionTests {
    private let pair: TestPair

    init() throws {
        pair = try TestPair(padMebibytes: 1)
        Tree(["file": .file([1, 2, 3], mode: 0o600, modified: 1_600_000_000)]).write(to: pair.outbox)
    }

    private func seal() throws -> [UInt8] {
        var message: [UInt8] = []
        let job = SendJob(sources: [pair.outbox + "/"], destination: "", options: SendOptions())
        let sealed = try pair.left.seal(job, pad: "pad", paddedTo: 0)
        try Home.send(sealed.kept.start, of: sealed.pad) { message += $0 }
        return message
    }

    /// What the receiver answers, and what ended the session, if anything did. `showing`: what the sender says to hold the
    /// pad by, which it does hold if this is `nil`.
    private func carry(
        _ message: [UInt8], announcing length: UInt64? = nil, showing hello: CoverHello? = nil,
        cut: Int = Limits.payload
    ) throws -> (heard: [ControlMessage], failure: (any Error)?) {
        let impostor = try Impostor(pair)
        let hello = try hello ?? Pad.open(pair.left.padPlace("pad")).hello(session: impostor.sessionID)
        try impostor.say(.message(length: length ?? UInt64(message.count), hello))
        for start in stride(from: 0, to: message.count, by: cut) where impostor.victim.failure == nil {
            try impostor.say(.piece(Array(message[start..<min(start + cut, message.count)])))
        }
        return (try impostor.heard(), impostor.victim.failure)
    }

    @Test func aMessageThatIsNotKeptIsNotCalledKept() async throws {
        let transfer = pair.left.sendKeptMessage(29, of: "pad", to: TestPair.peer)
        let error = await #expect(throws: PacketFSError.self) { _ = try await transfer.summary() }
        #expect(error?.code == .usage && error?.hint == nil)
    }

    /// The receipt may be there before anything else is done.
    @Test func aReceiptMayComeAtOnce() throws {
        let clock = VirtualClock()
        var (random, wire) = (SeededRandom(seed: 1), SimulatedLink())
        let length = try seal().count
        _ = try SimulatedHandshake.run(
            pair.left.credentials(ofPeer: TestPair.peer), pair.right.credentials(ofPeer: TestPair.peer),
            suite: .aes256gcm, padding: .none, now: clock.now, over: &wire, random: &random
        ).keepResponder { ours in
            let (integrity, link) = try OpenedChannel(channel: ours, sent: 0, received: 0, started: clock.now)
                .takeLink(now: clock.now)
            let message = OutgoingMessage(kept: 0) { throw PadError.noSuchMessage }
            let side = MessageSendingSide(message, pad: "pad", home: pair.left, integrity: integrity)
            try side.start(link, now: clock.now)
            let receipt = Receipt(transfer: Impostor.transfer, filesWritten: 1)
            for _ in 0..<(length + Limits.payload - 1) / Limits.payload {
                #expect(!side.isOver && side.wantsToWork)
                try side.work(link, now: clock.now)
            }
            #expect(!side.wantsToWork)
            try side.received(.control(.receipt(receipt, isLast: true)), link, now: clock.now)
            #expect(side.isOver && side.summary.filesWritten == 1)
        }
    }

    /// Opening a large one takes longer than its sender waits for a word.
    @Test func aMessageIsOpenedBesideTheSession() throws {
        let (home, inbox) = (pair.right, pair.inbox)
        let impostor = try Impostor(
            pair, proved: {},
            dispatch: { _, integrity in
                MessageReceivingSide(
                    grants: Grants(roots: [inbox]), home: home, integrity: integrity, startsThreads: true)
            })
        let message = try seal()
        let hello = try Pad.open(pair.left.padPlace("pad")).hello(session: impostor.sessionID)
        try impostor.say(.message(length: UInt64(message.count), hello))
        #expect(!impostor.victim.wantsToWork)
        try impostor.say(.piece(message))
        #expect(impostor.victim.wantsToWork)
        #expect(try isReceipt(impostor.heard()))
        #expect(try Data(contentsOf: URL(filePath: pair.inbox + "/file")) == Data([1, 2, 3]))
    }

    /// Whoever looks at a pad has it for a moment: no message that came whole fails of that, nor is one not sealed.
    @Test func aPadThatIsLookedAtIsWaitedFor() throws {
        try hold(pair.left)
        try Data(seal()).write(to: URL(filePath: pair.folder + "/message"))
        try hold(pair.right)
        let file = open(pair.folder + "/message", O_RDONLY)
        defer { close(file) }
        #expect(try pair.right.open(messageFrom: file, into: pair.inbox).filesWritten == 1)
        try hold(pair.left)
        try Covering.check(.keystream(pad: "pad"), in: pair.left)
        try hold(pair.left)
        try pair.left.forgetMessage(0, of: "pad")
    }

    /// Has the pad for a fifth of a second, beside what comes next.
    private func hold(_ home: Home) throws {
        let ledger = try open(home.padPlace("pad").ledger, O_RDWR)
        #expect(flock(ledger, LOCK_EX | LOCK_NB) == 0)
        DispatchQueue.global().asyncAfter(deadline: .now() + 0.2) { close(ledger) }
    }

    private func isReceipt(_ heard: [ControlMessage]) -> Bool {
        if case .receipt(_, isLast: true)? = heard.first { heard.count == 1 } else { false }
    }

    /// Our word that we have it may be lost, so it is said again, of that very message alone.
    @Test func onlyWhatWasOpenedIsAcknowledgedAgain() throws {
        let rollback = try Rollback(of: pair.left, in: pair.folder)
        let first = try seal()
        #expect(try isReceipt(carry(first).heard))
        #expect(try isReceipt(carry(first).heard))
        try rollback.apply()
        Tree(["file": .file([4, 5, 6], mode: 0o600, modified: 1_600_000_000)]).write(to: pair.outbox)
        let other = try carry(seal())
        #expect(other.heard == [.abort(.padUnusable)])
        #expect(other.failure as? PadError == .reused(block: 0))
        #expect(try pair.padInfo(of: pair.left).kept == [0])
        #expect(try Data(contentsOf: URL(filePath: pair.inbox + "/file")) == Data([1, 2, 3]))
    }

    /// Whoever has the message and not the pad: a peer that may send files, and would have it opened into its own folder.
    @Test func aMessageIsOpenedForWhoHoldsItsPad() throws {
        let message = try seal()
        let id = try Pad.id(ofLedger: pair.left.padPlace("pad").ledger)
        let before = try Data(contentsOf: URL(filePath: pair.right.padPlace("pad").ledger))
        let strange = [UInt8](repeating: 3, count: CoverHello.proofSize)
        let recorded = try Pad.open(pair.left.padPlace("pad")).hello(session: [UInt8](repeating: 1, count: 32))
        for hello in [.pad(id, seen: 0, proof: strange), recorded] {
            let answer = try carry(message, showing: hello)
            #expect(answer.heard == [.abort(.padUnusable)])
            #expect(answer.failure as? PadError == .notAuthentic)
        }
        #expect(try Data(contentsOf: URL(filePath: pair.right.padPlace("pad").ledger)) == before)
        #expect(Tree(at: pair.inbox).nodes.isEmpty)
        #expect(try isReceipt(carry(message).heard))
    }

    /// Nor does anybody send what a locked pad cannot open.
    @Test(arguments: [true, false]) func aLockedPadIsRefusedBeforeTheMessageComes(_ isCovered: Bool) throws {
        let place = try pair.right.padPlace("pad")
        for mooring in [".mooring", ".mooring.new"] { unlink(place.ledger + mooring) }
        let impostor = try Impostor(pair)
        let hello = try Pad.open(pair.left.padPlace("pad")).hello(session: impostor.sessionID)
        try impostor.say(isCovered ? .cover(hello) : .message(length: 4113, hello))
        #expect(try impostor.heard() == [.abort(.padUnusable)])
        #expect(impostor.victim.failure as? PadError == .otherFiles)
    }

    /// Nor does it cost anything to say that a session is covered by a pad.
    @Test func aPadStaysAsItIsForWhoDoesNotHoldIt() throws {
        let place = try pair.right.padPlace("pad")
        let before = try Data(contentsOf: URL(filePath: place.ledger))
        let impostor = try Impostor(pair)
        let proof = [UInt8](repeating: 3, count: CoverHello.proofSize)
        try impostor.say(.cover(.pad(Pad.id(ofLedger: place.ledger), seen: 0, proof: proof)))
        #expect(try impostor.heard() == [.abort(.padUnusable)])
        #expect(impostor.victim.failure as? PadError == .notAuthentic)
        #expect(try Data(contentsOf: URL(filePath: place.ledger)) == before)
    }

    @Test func memoryThatCannotBeLockedIsALimitOfOurs() {
        #expect(AbortReason(tellingOf: PadError.noLockedMemory) == .limitExceeded)
    }

    /// As much as may be announced, from a peer that has no pad, or no place in it.
    @Test func whatCannotBeOpenedIsRefusedAtItsHead() throws {
        let id = try Pad.id(ofLedger: pair.left.padPlace("pad").ledger)
        let half = try seal()[24]
        let strange = PadID(unchecked: [UInt8](repeating: 7, count: 16))
        let most = UInt64(Limits.padCover) * Limits.messageBlocks + 49
        let cases: [(PadID, UInt8, UInt64, UInt64, PadError)] = [
            (strange, half, 0, most, .otherPad), (id, 1 - half, 0, 4113, .otherPad), (id, half, 0, most, .notAuthentic),
            (id, half, 120, 49 + 9 * 4064, .notAuthentic),
        ]
        for (pad, half, start, length, error) in cases {
            let head = MessageHead(pad: pad, direction: half, start: start).encode()
            for cut in [7, Limits.payload] {
                let answer = try carry(head, announcing: length, cut: cut)
                #expect(answer.heard == [.abort(.padUnusable)])
                #expect(answer.failure as? PadError == error)
            }
        }
        let message = try seal()
        #expect(try isReceipt(carry(message).heard))
        // Within what is spent, at a block where no message began.
        let inner = MessageHead(pad: id, direction: half, start: 0).encode()
        #expect(try carry(inner, announcing: 2 * 4064 + 49).failure as? PadError == .spent)
        try pair.right.destroyPad("pad")
        #expect(try carry(inner, announcing: 4113).failure as? PadError == .retired)
    }
}

/// Brings a home's pad back to what it was, down to its inodes, as a snapshot of the machine does.
private struct Rollback {
    private let place: PadPlace
    private let files: [(path: String, bytes: Data)]
    private let mooring: String

    init(of home: Home, in folder: String) throws {
        place = try home.padPlace("pad")
        files = try [place.pad, place.ledger].map { ($0, try Data(contentsOf: URL(filePath: $0))) }
        mooring = folder + "/mooring"
        // A pad that was not opened since it was imported has it under its first name.
        try FileManager.default.linkItem(atPath: place.ledger + ".mooring.new", toPath: mooring)
    }

    func apply() throws {
        for (path, bytes) in files {
            let file = try FileHandle(forWritingTo: URL(filePath: path))
            try file.write(contentsOf: bytes)
            try file.truncate(atOffset: UInt64(bytes.count))
            try file.close()
        }
        try FileManager.default.removeItem(atPath: place.messages)
        try FileManager.default.createDirectory(atPath: place.messages, withIntermediateDirectories: false)
        rename(mooring, place.ledger + ".mooring")
    }
}
