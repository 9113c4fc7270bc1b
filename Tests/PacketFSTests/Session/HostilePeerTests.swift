import PacketFSBlob
import PacketFSChannel
import PacketFSRebuild
import PacketFSStore
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFS

/// A peer that holds the seed and means harm.
@Suite struct HostilePeerTests {
    @Test(arguments: [
        "..", "../x", "a/../../x", "/", "/etc", "/../etc", "nul\0", "INBOX/../outbox", "INBOXx",
    ]) func destinationsBeyondTheGrantAreRefused(path: String) throws {
        let pair = try TestPair()
        let impostor = try Impostor(pair)
        // Our own codec refuses to say a zero byte.
        let destination = path.replacing("INBOX", with: pair.inbox).replacing("\0", with: "ZERO")
        for (type, encoded) in try ControlMessage.offer(impostor.offer(to: destination)).encode() {
            var payload = encoded
            if let zero = payload.firstRange(of: Array("ZERO".utf8)) {
                payload.replaceSubrange(zero, with: [0, 0, 0, 0])
            }
            try impostor.say(.control, type, payload)
        }
        #expect(impostor.victim.failure != nil)
        #expect(try impostor.heard() == [.abort(path.contains("\0") ? .malformed : .refusedByPolicy)])
        #expect(Tree(at: pair.inbox).nodes.isEmpty)
    }

    @Test func aPeerWithoutGrantsIsRefused() throws {
        let pair = try TestPair()
        _ = try pair.right.updatePeer(TestPair.peer, grants: { _ in [] })
        let impostor = try Impostor(pair)
        try impostor.say(.offer(impostor.offer(to: "")))
        #expect(!impostor.victim.hasEnded, "it has something to say")
        #expect(try impostor.heard() == [.abort(.refusedByPolicy)])
        #expect(impostor.victim.hasEnded)
    }

    @Test func aPeerThatMayOnlyPutIsNotSentFiles() throws {
        let pair = try TestPair()
        let impostor = try Impostor(pair)
        try impostor.say(
            .request(Request(sources: [pair.inbox], options: TransferOptions(), destination: "/tmp")))
        #expect(try impostor.heard() == [.abort(.refusedByPolicy)])
    }

    /// Thirty bytes that ask for four megabytes, thousands of times in one piece: they are looked at no faster than the
    /// answers are taken.
    @Test func askingMuchInFewBytesTakesNoMemory() throws {
        let pair = try TestPair()
        Tree(["file": .file(HomePair.random(Limits.leaf, seed: 5), mode: 0o644, modified: 1_000_000_000)])
            .write(to: pair.outbox)
        let impostor = try Impostor(pair, home: pair.right, victim: pair.left)
        try impostor.say(
            .request(Request(sources: [pair.outbox + "/"], options: TransferOptions(), destination: "/tmp")))
        while impostor.victim.wantsToWork { _ = impostor.output() }
        let wanted = RepairMessage.wanted(LeafID(.content, 0), Array(0..<Limits.leaf / Limits.part))
        for _ in 0..<16 {
            for (type, payload) in try wanted.encode() { try impostor.prepare(.repair, type, payload) }
        }
        var (left, answered) = (impostor.sayPrepared(), 0)
        #expect(impostor.victim.failure == nil)
        #expect(left > 0)
        while left > 0 {
            let output = impostor.output()
            #expect(output.count < SealedLink.mostWaiting + 2 * Limits.leaf)
            answered += output.count
            let rest = impostor.sayPrepared()
            #expect(rest < left)
            left = rest
        }
        answered += impostor.output().count
        #expect(answered > 16 * Limits.leaf)
    }

    /// What was sealed before is not said either: whoever changes a bit learns no more from it.
    @Test func afterAFrameThatDoesNotOpenNothingIsSaid() throws {
        let impostor = try Impostor(TestPair())
        try impostor.say(.offer(impostor.offer(to: "")))
        impostor.sayGarbage()
        #expect(impostor.victim.failure is ChannelError)
        #expect(impostor.output().isEmpty && impostor.victim.hasEnded)
    }

    @Test(arguments: Plane.allCases, [0, 5, 12, 255] as [UInt8])
    func unknownAndUntimelyMessagesEndTheSession(plane: Plane, type: UInt8) throws {
        let impostor = try Impostor(TestPair())
        try? impostor.say(plane, type, [UInt8](repeating: 0xff, count: Limits.payload))
        #expect(impostor.victim.failure != nil)
        #expect(Tree(at: impostor.pair.inbox).nodes.isEmpty)
    }

    @Test(arguments: 1...11 as ClosedRange<UInt8>) func garbageInEveryMessageIsRefused(type: UInt8) throws {
        for length in [0, 1, 15, 17, 300] where !(type == 10 && length == 0) {
            let impostor = try Impostor(TestPair())
            try impostor.say(.control, type, [UInt8](repeating: 0xa5, count: length))
            #expect(impostor.victim.failure != nil, "\(type) \(length)")
        }
    }

    @Test(
        arguments: [
            .copy(address: 0, length: 64), .copy(address: 1 << 50, length: 64), .held(length: 64),
        ] as [Descriptor]) func bytesThatWeDoNotHoldAreNotRead(descriptor: Descriptor) throws
    {
        let impostor = try Impostor(TestPair())
        try impostor.say(.offer(impostor.offer(to: "")))
        #expect(try impostor.heard() == [.accept(Impostor.transfer)])
        try impostor.say(.opening(Impostor.transfer, manifest: 64, content: 0))
        let leaf = LeafBlueprint(
            descriptors: [descriptor], coding: .raw, literals: [], tag: [UInt8](repeating: 0, count: Limits.tag))
        try impostor.say(.leaf(LeafID(.manifest, 0), leaf))
        // Bytes of an earlier transfer that are not there are asked for; the log is never read beyond what it holds.
        if case .copy = descriptor { #expect(impostor.victim.failure != nil) }
        let answers = try impostor.heard()
        #expect(!answers.contains { if case .receipt = $0 { true } else { false } })
        #expect(Tree(at: impostor.pair.inbox).nodes.isEmpty)
    }

    /// It even knows the log, and where in it the bytes lie that another peer brought.
    @Test func bytesOfAnotherPeerAreNotThere() throws {
        let pair = try TestPair()
        var random = SeededRandom(seed: 6)
        let bytes = random.bytes(200_000)
        Tree(["file": .file(bytes, mode: 0o600, modified: 1_600_000_000)]).write(to: pair.outbox)
        try SimulatedSession(pair, SessionSetup(), random: &random).run()
        let store = try Store(folder: pair.right.location.state)
        let log = try #require(try store.logs().first { $0.role == .replica })
        let held = try store.holdings(of: log).extents
        #expect(!held.isEmpty)

        let stranger = try Home.create(at: HomeLocation(folder: pair.folder + "/stranger"))
        let grants = [Grant(root: pair.inbox, verbs: [Grant.Verb.put])]
        _ = try pair.right.newPeer("stranger", exportingTo: pair.folder + "/seed", grants: grants)
        _ = try stranger.importPeer(from: pair.folder + "/seed", as: TestPair.peer)
        for (believing, answer) in [(held, "holdings"), ([], "accept")] {
            let impostor = try Impostor(pair, home: stranger, name: "stranger")
            try impostor.say(.offer(impostor.offer(to: "stolen", log: log.id, believing: believing)))
            let heard = try impostor.heard()
            switch heard.first {
            case .holdings(log.id, [], isLast: true): #expect(answer == "holdings")
            case .accept: #expect(answer == "accept")
            default: Issue.record("\(heard)")
            }
            guard answer == "accept" else { continue }
            try impostor.say(.opening(Impostor.transfer, manifest: 64, content: 0))
            let id = LeafID(.manifest, 0)
            let piece = Array(bytes.prefix(64))
            var leaf = impostor.leaf(id, piece)
            leaf.descriptors = [.copy(address: held[0].range.address, length: 64)]
            leaf.literals = []
            try impostor.say(.leaf(id, leaf))
            #expect(impostor.victim.failure != nil)
        }
        #expect(try store.holdings(of: log).extents == held)
    }

    @Test func aLeafWithAFalseTagIsNeverTaken() throws {
        let impostor = try Impostor(TestPair())
        try impostor.say(.offer(impostor.offer(to: "")))
        _ = try impostor.heard()
        let manifest = try Manifest(entries: []).encode()
        try impostor.say(.opening(Impostor.transfer, manifest: UInt64(manifest.count), content: 0))
        let leaf = LeafBlueprint(
            descriptors: [.literal(length: manifest.count)], coding: .raw, literals: manifest,
            tag: [UInt8](repeating: 0, count: Limits.tag))
        try impostor.say(.leaf(LeafID(.manifest, 0), leaf))
        try impostor.say(.origins([]))
        let answers = try impostor.heard()
        #expect(!answers.contains { if case .receipt = $0 { true } else { false } })
        #expect(Tree.leftovers(at: impostor.pair.inbox).isEmpty)
    }

    @Test func tenMillionEntriesAreRefused() throws {
        let impostor = try Impostor(TestPair())
        try impostor.say(.offer(impostor.offer(to: "")))
        _ = try impostor.heard()
        var manifest = ByteWriter()
        manifest.u8(1)
        manifest.varint(10_000_000)
        manifest.raw([UInt8](repeating: 0, count: 1000))
        try impostor.say(.opening(Impostor.transfer, manifest: UInt64(manifest.bytes.count), content: 0))
        try impostor.say(.leaf(LeafID(.manifest, 0), impostor.leaf(LeafID(.manifest, 0), manifest.bytes)))
        #expect(impostor.victim.failure as? RebuildError == .manifest(.tooLarge))
        #expect(try impostor.heard() == [.abort(.limitExceeded)])
    }

    /// It fetches a file, says that it changed, and counts as high as a receipt can, as often as it is asked.
    @Test func countsOfReceiptsOverflowNothing() throws {
        let pair = try TestPair()
        Tree(["file": .file([1], mode: 0o600, modified: 0)]).write(to: pair.outbox)
        let impostor = try Impostor(pair, home: pair.right, victim: pair.left)
        try impostor.say(.request(Request(sources: [""], options: TransferOptions(), destination: "/x")))
        var receipts = 0
        while case .offer(let offer)? = try impostor.heard().last(where: { if case .offer = $0 { true } else { false } }
        ) {
            let most = Receipt(
                transfer: offer.transfer, filesWritten: Limits.entries, filesKept: Limits.entries,
                deleted: Limits.deleted, bytesWritten: Limits.stream, leavesRepaired: Int(Limits.leaves),
                bytesRepaired: Limits.stream, extentsHealed: Limits.extents, extentsLost: Limits.extents,
                failures: [FailedEntry(entry: 1, failure: .sourceChanged)])
            try impostor.say(.receipt(most, isLast: true))
            receipts += 1
        }
        try impostor.say(.end(bytes: 0, frames: 0))
        #expect(receipts == 3)
        #expect(impostor.victim.failure == nil && impostor.victim.peerHasEnded && impostor.victim.hasEnded)
        #expect(impostor.victim.summary(now: VirtualClock().now).deleted == 3 * Limits.deleted)
    }

    @Test func anEndThatDoesNotAddUpIsRefused() throws {
        let impostor = try Impostor(TestPair())
        try impostor.say(.end(bytes: 1, frames: 0))
        #expect(impostor.victim.failure != nil)
        #expect(!impostor.victim.peerHasEnded)
    }

    /// A transfer of nothing that ended in order, and what the peer says after that.
    @Test func nothingIsTakenBehindTheEnd() throws {
        let impostor = try Impostor(TestPair())
        try impostor.say(.offer(impostor.offer(to: "")))
        #expect(try impostor.heard() == [.accept(Impostor.transfer)])
        let manifest = try Manifest(entries: []).encode()
        let records: [DataRecord] = [
            .opening(Impostor.transfer, manifest: UInt64(manifest.count), content: 0),
            .leaf(LeafID(.manifest, 0), impostor.leaf(LeafID(.manifest, 0), manifest)), .origins([]),
        ]
        for record in records { try impostor.say(record) }
        #expect(try impostor.heard().contains { if case .receipt = $0 { true } else { false } })
        let bytes = try records.reduce(0) { try $0 + $1.encode().count }
        try impostor.say(.end(bytes: UInt64(bytes), frames: UInt64(records.count)))
        #expect(impostor.victim.failure == nil && impostor.victim.peerHasEnded)
        try impostor.say(.alive)
        #expect(impostor.victim.failure != nil)
    }
}
