import Foundation
import Glibc
import PacketFS
import PacketFSStore
import PacketFSTestKit
import PacketFSWire
import Testing

/// A line that is cut again and again.
@Suite struct CutLineTests {
    private static let size = 3 * Limits.leaf

    /// What is journalled of cut transfers stays little, and the first of them is taken up in the end: the cuts after it
    /// came before its receiver could say a word.
    @Test func manyCutsLeaveLittleAndLoseNothing() throws {
        let line = try Line()
        try line.cut(.toResponder, after: Self.size * 4 / 5)
        for _ in 0..<12 { try line.cut(.toInitiator, after: 40) }
        #expect(try line.journalled(line.pair.left) < 10)
        #expect(try line.complete().dataPlaneBytes < Self.size / 2)
    }

    /// Each attempt goes on from the one before, and is cut.
    @Test func whatIsTakenUpAgainAndAgainLeavesTwoRows() throws {
        let line = try Line()
        try line.cut(.toResponder, after: Self.size * 4 / 5)
        for _ in 0..<4 {
            try line.cut(.toResponder, after: 100_000)
            #expect(try line.journalled(line.pair.left) == 2)
        }
        #expect(try line.complete().dataPlaneBytes < Self.size / 2)
    }

    /// A line that never lasts as long as a leaf takes: what came of it stays, but for what its last frame brought.
    @Test func aLeafThatTakesManySessionsArrives() throws {
        let line = try Line()
        for _ in 0..<4 { try line.cut(.toResponder, after: 2_000_000) }
        #expect(try line.complete().dataPlaneBytes < Self.size - 4 * 1_850_000)
    }

    /// Nobody has anything of the file as it is now, and what is left of the version before is longer than any run gets.
    @Test func aFileThatChangedAfterACutArrives() throws {
        let line = try Line()
        try line.cut(.toResponder, after: Self.size * 4 / 5)
        line.change()
        for _ in 0..<4 { try line.cut(.toResponder, after: 2_000_000) }
        let summary = try line.complete()
        #expect(summary.dataPlaneBytes + summary.bytesRepaired < Self.size - 4 * 1_850_000)
    }

    @Test func aRepairThatIsCutAgainAndAgainEnds() throws {
        let line = try Line()
        try line.cut(.toResponder, after: Self.size * 4 / 5)
        try line.damage(at: 0, [UInt8](repeating: 0, count: Limits.leaf))
        for _ in 0..<4 { try line.cut(.toResponder, after: 1_000_000) }
        #expect(try line.complete().bytesRepaired < Limits.leaf - 4 * 950_000 + Self.size / 5)
    }

    @Test func smallFilesOfOneLeafArrive() throws {
        var random = SeededRandom(seed: 3)
        let files = (0..<50).map {
            ("\($0)", Tree.Node.file(random.bytes(40_000), mode: 0o600, modified: 1_600_000_000))
        }
        let line = try Line(Tree(Dictionary(uniqueKeysWithValues: files)))
        for _ in 0..<3 { try line.cut(.toResponder, after: 500_000) }
        #expect(try line.complete().dataPlaneBytes < 2_000_000 - 3 * 350_000)
    }

    /// What is kept of a cut leaf is not verified: what goes wrong with it meanwhile is found.
    @Test func whatIsKeptOfACutLeafIsVerified() throws {
        let line = try Line()
        try line.cut(.toResponder, after: 2_000_000)
        #expect(try line.damage(at: 1_000_000, Array("damage".utf8)) > 1_850_000)
        let sent = try line.complete().dataPlaneBytes
        #expect(sent > Self.size - 2_000_000 && sent < Self.size - 1_500_000)
    }

    /// As another version of the program kept it, or damaged.
    @Test(arguments: [[1, 0, 0], [], [0xff]] as [[UInt8]])
    func whatCannotBeReadOfACutTransferCostsOnlyBytes(_ kept: [UInt8]) throws {
        let line = try Line()
        try line.cut(.toResponder, after: Self.size * 4 / 5)
        let store = try Store(folder: line.pair.left.location.state)
        for transfer in try store.transfers() { try store.amend(transfer.id, statKeys: kept) }
        #expect(try line.complete().dataPlaneBytes > 0)
        #expect(Tree(at: line.pair.inbox) == Tree(at: line.pair.outbox))
    }

    /// What an older version has journalled, with fewer descriptors than that.
    @Test func aLongJournalNeedsFewDescriptors() async {
        await #expect(processExitsWith: .success) {
            let line = try Line()
            try line.fillJournals()
            var limit = rlimit(rlim_cur: 128, rlim_max: 128)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            try line.cut(.toInitiator, after: 40)
            #expect(try line.journalled(line.pair.left) < 10)
            _ = try line.complete()
        }
    }

    /// Between two homes, of which one has a file to send.
    private final class Line {
        let pair: TestPair
        private var sent: Tree
        private var random = SeededRandom(seed: 1)
        /// Bytes of a handshake.
        private let handshake: [Direction: Int]

        init(_ tree: Tree? = nil) throws {
            let other = try SimulatedSession(TestPair(), SessionSetup(), random: &random)
            handshake = [
                .toInitiator: other.link.passed(.toInitiator), .toResponder: other.link.passed(.toResponder),
            ]
            pair = try TestPair()
            let bytes = random.bytes(CutLineTests.size)
            let file = Tree(["file": .file(bytes, mode: 0o600, modified: 1_600_000_000)])
            sent = tree ?? file
            sent.write(to: pair.outbox)
        }

        func cut(_ direction: Direction, after bytes: Int) throws {
            var setup = SessionSetup()
            setup.faults.cut = (direction, (handshake[direction] ?? 0) + bytes)
            let session = try SimulatedSession(pair, setup, random: &random)
            try session.run()
            #expect(!session.isComplete)
        }

        /// Writes over what the receiver has; returns how many bytes it has.
        @discardableResult
        func damage(at offset: UInt64, _ bytes: [UInt8]) throws -> UInt64 {
            let left = try #require(FileManager.default.contentsOfDirectory(atPath: pair.inbox).first)
            let file = try #require(FileHandle(forUpdatingAtPath: pair.inbox + "/" + left))
            defer { try? file.close() }
            let size = try file.seekToEnd()
            try file.seek(toOffset: offset)
            try file.write(contentsOf: Data(bytes))
            return size
        }

        /// Another file of the same size under the same name.
        func change() {
            sent = Tree(["file": .file(random.bytes(CutLineTests.size), mode: 0o600, modified: 1_600_000_001)])
            sent.write(to: pair.outbox)
        }

        /// Sends all that is left.
        func complete() throws -> PacketFS.TransferSummary {
            let session = try SimulatedSession(pair, SessionSetup(), random: &random)
            try session.run()
            #expect(session.isComplete)
            #expect(Tree(at: pair.inbox) == sent)
            #expect(try journalled(pair.left) == 0 && journalled(pair.right) == 0)
            return session.initiator.summary(now: session.clock.now)
        }

        func journalled(_ home: Home) throws -> Int {
            try Store(folder: home.location.state).transfers().count
        }

        func fillJournals() throws {
            for (home, role) in [(pair.left, TransferRole.sending), (pair.right, .receiving)] {
                let store = try Store(folder: home.location.state)
                let peer = try store.peers()[0].party
                for _ in 0..<300 {
                    let summary = PacketFSStore.TransferSummary(
                        id: random.identifier(), peer: peer, role: role, destination: pair.inbox, root: pair.inbox,
                        startedAt: 1)
                    try store.begin(TransferRecord(summary: summary, statKeys: Snapshot().encode()))
                }
            }
        }
    }
}
