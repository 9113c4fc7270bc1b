import Foundation
import NIOCore
import PacketFSChannel
import PacketFSEngine
import PacketFSPad
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFS

/// Sessions whose payloads are covered, by a pad or by the stream cipher.
@Suite struct KeystreamSessionTests {
    private static let tree: Tree = {
        var random = SeededRandom(seed: 11)
        return Tree([
            "big": .file(random.bytes(1_500_000), mode: 0o600, modified: 1_600_000_000_000_000_007),
            "small": .file(Array("a small file".utf8), mode: 0o644, modified: 1_600_000_000),
        ])
    }()

    private func setup(_ verb: Verb, _ protection: Protection = .keystream(pad: "pad")) -> SessionSetup {
        var setup = SessionSetup()
        setup.verb = verb
        setup.options.protection = protection
        return setup
    }

    /// Runs one session to its end; its failures are the initiator's and the responder's.
    @discardableResult
    private func run(
        _ pair: TestPair, _ setup: SessionSetup, seed: UInt64 = 1
    ) throws -> (isComplete: Bool, failures: [(any Error)?], summary: TransferSummary) {
        var random = SeededRandom(seed: seed)
        let session = try SimulatedSession(pair, setup, random: &random)
        try session.run()
        return (
            session.isComplete, [session.failure(of: session.initiator), session.failure(of: session.responder)],
            session.initiator.summary(now: session.clock.now)
        )
    }

    @Test(arguments: [Verb.put, .get]) func aTreeTravelsUnderAPad(verb: Verb) throws {
        let pair = try TestPair(padMebibytes: 8)
        Self.tree.write(to: pair.outbox)
        let ran = try run(pair, setup(verb))
        #expect(ran.isComplete, "\(ran.failures)")
        #expect(Tree(at: pair.inbox) == Self.tree)
        #expect(ran.summary.protection == .keystream)
        let (left, right) = (try pair.padInfo(of: pair.left), try pair.padInfo(of: pair.right))
        #expect(left.spent >= 1_500_000 && left.spent < 1_600_000)
        #expect(right.spent > 0 && right.spent < 100_000)
        #expect(left.mark == right.next && right.mark == left.next)
        #expect(left.burnt < 300_000)
    }

    /// The other end may take its time to answer.
    @Test func anInitiatorIsAliveBeforeBothAgree() throws {
        let pair = try TestPair(padMebibytes: 8)
        Self.tree.write(to: pair.outbox)
        var random = SeededRandom(seed: 1)
        let session = try SimulatedSession(pair, setup(.put), random: &random)
        session.initiator.tick(now: session.clock.now.adding(seconds: 31))
        try session.run()
        #expect(session.isComplete)
    }

    @Test(arguments: [Verb.put, .get]) func aTreeTravelsUnderTheStreamCipher(verb: Verb) throws {
        let pair = try TestPair()
        Self.tree.write(to: pair.outbox)
        let ran = try run(pair, setup(verb, .streamCipher))
        #expect(ran.isComplete, "\(ran.failures)")
        #expect(Tree(at: pair.inbox) == Self.tree)
        #expect(ran.summary.protection == .streamCipher)
    }

    /// Bytes on the wire are as many as without, but for announcements.
    @Test func aSecondTransferIsSmallUnderAPadToo() throws {
        let pair = try TestPair(padMebibytes: 8)
        Self.tree.write(to: pair.outbox)
        try run(pair, setup(.put))
        var again = setup(.put)
        again.options.checksums = true
        let ran = try run(pair, again, seed: 2)
        #expect(ran.isComplete && ran.summary.wireBytes < 20_000)
    }

    /// What the pad cannot hold is told before the first word of the transfer, and takes nothing of the pad.
    @Test(arguments: [Verb.put, .get]) func exhaustionIsToldBeforeTheStart(verb: Verb) throws {
        let pair = try TestPair(padMebibytes: 2)
        Self.tree.write(to: pair.outbox)
        let ran = try run(pair, setup(verb))
        #expect(!ran.isComplete)
        let sender = ran.failures[verb == .put ? 0 : 1]
        guard case PadError.exhausted(let needed, let left)? = sender as? PadError else {
            Issue.record("\(String(describing: sender))")
            return
        }
        #expect(needed * 4096 > 1_500_000 && left == 256)
        #expect(Tree(at: pair.inbox).nodes.isEmpty)
        #expect(try pair.padInfo(of: pair.left).left == 1 << 20)
        let words = PacketFSError(explaining: PadError.exhausted(needed: needed, left: left))
        #expect(words.code == .limit && words.message.contains("1048576 bytes left"))
    }

    /// A pad that ends on the way: the transfer stops in order, and goes on under another pad.
    @Test func exhaustionOnTheWayStopsAndResumes() throws {
        let pair = try TestPair(padMebibytes: 20)
        var random = SeededRandom(seed: 5)
        let tree = Tree(["big": .file(random.bytes(14 << 20), mode: 0o600, modified: 1_600_000_000)])
        tree.write(to: pair.outbox)
        // What is left of an interrupted transfer the sender cannot know: it begins, and the pad ends.
        var cut = setup(.put, .aead)
        cut.faults.cut = (.toResponder, 3 << 20)
        try run(pair, cut)
        try pair.reopen()
        var full = setup(.put)
        full.options.learns = false
        let ran = try run(pair, full, seed: 2)
        #expect(!ran.isComplete && ran.failures[0] is PadError, "\(ran.failures)")
        #expect(ran.failures[1] as? EngineError == .peerAborted(.padExhausted))
        try pair.reopen()
        try pair.addPads(mebibytes: 12, name: "second")
        let resumed = try run(pair, setup(.put, .keystream(pad: "second")), seed: 3)
        #expect(resumed.isComplete, "\(resumed.failures)")
        #expect(Tree(at: pair.inbox) == tree)
        #expect(Tree.leftovers(at: pair.inbox).isEmpty)
    }

    /// A crash of either end at any durable step: no block is drawn twice, and the transfer is taken up.
    @Test(arguments: Array(stride(from: 0, to: 90, by: 6)), [true, false])
    func aCrashedEndTakesUp(writes: Int, isInitiator: Bool) throws {
        let pair = try TestPair(padMebibytes: 3)
        let tree = Tree(["file": .file([UInt8](0...255), mode: 0o600, modified: 1_600_000_000)])
        tree.write(to: pair.outbox)
        var crashing = setup(.put)
        if isInitiator {
            crashing.initiatorGate = CrashGate(after: writes)
        } else {
            crashing.responderGate = CrashGate(after: writes)
        }
        do { try run(pair, crashing, seed: UInt64(writes)) } catch PadError.crashed {}
        try pair.reopen()
        let again = try run(pair, setup(.put), seed: UInt64(writes + 1))
        #expect(again.isComplete, "\(again.failures)")
        #expect(Tree(at: pair.inbox) == tree)
        let (left, right) = (try pair.padInfo(of: pair.left), try pair.padInfo(of: pair.right))
        #expect(left.mark <= right.next && right.mark <= left.next)
    }

    /// Whoever has the session's keys, but neither pad nor seed, sees only covered payloads.
    @Test(arguments: [Protection.keystream(pad: "pad"), .streamCipher])
    func whoOpensTheFramesReadsNothing(_ protection: Protection) throws {
        let pair = try TestPair(padMebibytes: 2)
        let word = Array("the very words that must not show ".utf8)
        let plain = Array(repeatElement(word, count: 4000).joined())
        var random = SeededRandom(seed: 9)
        var link = SimulatedLink(faults: LinkFaults(), isRecorded: false)
        let channels = try SimulatedHandshake.run(
            pair.left.credentials(ofPeer: TestPair.peer), pair.right.credentials(ofPeer: TestPair.peer),
            suite: .aes256gcm, padding: .none, now: Instant(nanoseconds: 0), over: &link, random: &random)
        let opened: [[UInt8]] = try channels.take { ours, theirs in
            var theirs = theirs
            let covering = Covering(
                home: pair.left, credentials: try pair.left.credentials(ofPeer: TestPair.peer), role: .initiator,
                protection: protection)
            let answering = Covering(
                home: pair.right, credentials: try pair.right.credentials(ofPeer: TestPair.peer), role: .responder)
            let integrity = ours.integrity
            let link = try SealedLink(
                channel: ours, handshakeSent: 0, handshakeReceived: 0, started: Instant(nanoseconds: 0),
                now: Instant(nanoseconds: 0))
            let proposal = try #require(try covering.propose(in: integrity))
            let answer = try answering.answer(proposal.hello, in: integrity)
            _ = try answer.accept(proposal.hello)
            link.install(try proposal.accept(answer.hello))
            let now = Instant(nanoseconds: 1)
            try link.send(.piece(Array(plain.prefix(60_000))), now: now)
            try link.send(.part(LeafID(.content, 0), part: 0, offset: 0, bytes: Array(plain.prefix(60_000))), now: now)
            try link.send(.offer(Self.offer), now: now)
            var payloads: [[UInt8]] = []
            try theirs.opener.open(Array(buffer: link.takeOutput()), now: now) { frame in
                if frame.plane != .control || ControlMessage.isCovered(type: frame.type) {
                    payloads.append(frame.payload)
                }
            }
            return payloads
        }
        #expect(opened.count == 3)
        for payload in opened {
            #expect(!Data(payload).contains(word.prefix(8)) && !Data(payload).contains(Array("secret place".utf8)))
            let ones = payload.reduce(0) { $0 + $1.nonzeroBitCount }
            #expect(abs(Double(ones) / Double(payload.count * 8) - 0.5) < 0.1)
        }
    }

    private static let offer = Offer(
        transfer: TransferID(unchecked: [UInt8](repeating: 0, count: 16)), destination: "the secret place",
        options: TransferOptions(), log: LogID(unchecked: [UInt8](repeating: 0, count: 16)),
        holdingsDigest: [UInt8](repeating: 0, count: 32))

    @Test func aPadThatThePeerLacksIsRefusedAndNothingIsSpent() throws {
        let pair = try TestPair(padMebibytes: 2)
        try pair.right.destroyPad("pad")
        Self.tree.write(to: pair.outbox)
        let ran = try run(pair, setup(.put))
        #expect(!ran.isComplete && Tree(at: pair.inbox).nodes.isEmpty)
        #expect(try pair.padInfo(of: pair.left).next == 0)
    }

    /// A copied home, a restored backup: refused before a word is said.
    @Test func copiesAndRestoredHomesAreRefused() throws {
        let pair = try TestPair(padMebibytes: 8)
        Self.tree.write(to: pair.outbox)
        try pair.keep()
        try run(pair, setup(.put))
        try pair.restore()
        Self.tree.write(to: pair.outbox)
        #expect(throws: PadError.otherFiles) { try run(pair, setup(.put), seed: 2) }
        #expect(Tree(at: pair.inbox).nodes.isEmpty)
    }

    /// A pad that another process has, or another session.
    @Test func twoAtOnceAreRefused() throws {
        let pair = try TestPair(padMebibytes: 2)
        Self.tree.write(to: pair.outbox)
        let held = try Pad.open(pair.left.padPlace("pad"))
        #expect(throws: PadError.busy) { try run(pair, setup(.put)) }
        #expect(try pair.left.pads().first?.problem?.message.contains("another process") == true)
        #expect(held.left == 256)
    }

    /// A stream cipher takes no blocks.
    @Test func announcementsWithoutAPadAreRefused() throws {
        let pair = try TestPair()
        let cover = StreamCover(
            try pair.left.credentials(ofPeer: TestPair.peer), role: .initiator, in: try Self.integrity(pair))
        #expect(throws: AbortReason.malformed) { try cover.expect(0..<1) }
    }

    private static func integrity(_ pair: TestPair) throws -> SessionIntegrity {
        var random = SeededRandom(seed: 9)
        var link = SimulatedLink(faults: LinkFaults(), isRecorded: false)
        let channels = try SimulatedHandshake.run(
            pair.left.credentials(ofPeer: TestPair.peer), pair.right.credentials(ofPeer: TestPair.peer),
            suite: .aes256gcm, padding: .none, now: Instant(nanoseconds: 0), over: &link, random: &random)
        return channels.take { ours, _ in ours.integrity }
    }
}

extension TestPair {
    /// With a pad of so many mebibytes, half for each direction, which both sides call `pad`.
    convenience init(padMebibytes: Int) throws {
        try self.init()
        try addPads(mebibytes: padMebibytes, name: "pad")
    }

    func addPads(mebibytes: Int, name: String) throws {
        var random = SeededRandom(seed: UInt64(mebibytes))
        let files = ["source", "whole", "one", "other"].map { "\(folder)/\(name)-\($0)" }
        try Data(random.bytes(mebibytes << 20)).write(to: URL(filePath: files[0]))
        _ = try PadMaking.create(files[1], size: UInt64(mebibytes) << 20, source: files[0])
        try PadMaking.split(files[1], into: files[2], and: files[3])
        _ = try left.importPad(from: files[2], as: name)
        _ = try right.importPad(from: files[3], as: name)
        try FileManager.default.removeItem(atPath: files[0])
    }

    func padInfo(of home: Home) throws -> PadInfo {
        try home.padInfo("pad")
    }
}
