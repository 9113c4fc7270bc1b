import Foundation
import Glibc
import PacketFSRebuild
import PacketFSStore
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFS

/// What senders that never return have left.
@Suite struct PurgeTests {
    fileprivate static let tree: Tree = {
        var random = SeededRandom(seed: 41)
        return Tree([
            "folder": .folder(mode: 0o700),
            "folder/big": .file(random.bytes(9 << 20), mode: 0o600, modified: 1_600_000_000),
        ])
    }()

    @Test(arguments: ["", "/new/folder"]) func oldLeftoversGo(place: String) throws {
        let (pair, session) = try halfway(to: place)
        session.abandon()
        #expect(try pair.right.purgeInterrupted(olderThan: 1) == 0)
        #expect(Tree.leftovers(at: pair.inbox).count == 1)
        #expect(try pair.right.purgeInterrupted(before: .max) == 1)
        #expect(Tree.leftovers(at: pair.inbox).isEmpty)
        #expect(try pair.right.status().unfinished.isEmpty)
        #expect(try pair.left.purgeInterrupted(before: .max) == 1)
        #expect(try pair.left.status().unfinished.isEmpty)
        try complete(pair, to: place)
    }

    @Test func theLeftoverOfASingleFileUnderANewNameGoes() throws {
        let (pair, session) = try halfway(to: "/renamed", sources: "/folder/big")
        session.abandon()
        #expect(try pair.right.purgeInterrupted(before: .max) == 1)
        #expect(Tree.leftovers(at: pair.inbox).isEmpty)
    }

    @Test func runningTransfersAreSpared() throws {
        let (pair, session) = try halfway(to: "")
        #expect(try pair.right.purgeInterrupted(before: .max) == 0)
        #expect(try pair.left.purgeInterrupted(before: .max) == 0)
        try session.run()
        #expect(session.isComplete)
        #expect(Tree(at: pair.inbox) == Self.tree)
    }

    @Test func aServerPurgesAsItStarts() async throws {
        let (pair, session) = try halfway(to: "")
        session.abandon()
        // Ages are whole seconds.
        try await Task.sleep(for: .seconds(1.1))
        var options = ServerOptions()
        options.listen = "127.0.0.1:0"
        options.resumeDays = 0
        let (events, feed) = AsyncStream.makeStream(of: ServerEvent.self)
        let server = Server(home: pair.right, options: options) { feed.yield($0) }
        let task = Task { try await server.run() }
        defer { task.cancel() }
        for await case .purged(let transfers) in events {
            #expect(transfers == 1)
            break
        }
        #expect(Tree.leftovers(at: pair.inbox).isEmpty)
    }

    /// A peer names destinations as it likes, and cuts the line.
    @Test func soManyOfAPeerAreRemembered() throws {
        let (pair, session) = try halfway(to: "")
        session.abandon()
        let (left, right) = (
            try pair.left.domain(of: pair.left.record(named: TestPair.peer)),
            try pair.right.domain(of: pair.right.record(named: TestPair.peer))
        )
        let identity = DestinationRoot.identity(of: pair.inbox)
        for number in 0..<300 {
            try TransferJournal(sendingTo: "\(number)", in: left).begin(.random(), root: "a", statKeys: [1])
            try TransferJournal(receivingAt: "\(pair.inbox)/\(number)", in: right)
                .begin(.random(), root: pair.inbox, identity: identity, manifest: [1])
        }
        for home in [left, right] {
            let destinations = try home.store.transfers().map(\.destination)
            #expect(destinations.count == 256)
            #expect(destinations.last?.hasSuffix("299") == true && destinations.first?.hasSuffix("44") == true)
        }
        #expect(Tree.leftovers(at: pair.inbox).isEmpty)
    }

    /// Such as on a disk that is not mounted now.
    @Test func aDestinationThatIsNotThereIsWaitedFor() throws {
        let (pair, session) = try halfway(to: "")
        session.abandon()
        #expect(rename(pair.inbox, pair.inbox + "-away") == 0)
        #expect(try pair.right.purgeInterrupted(before: .max) == 0)
        #expect(rename(pair.inbox + "-away", pair.inbox) == 0)
        #expect(try pair.right.purgeInterrupted(before: .max) == 1)
        #expect(Tree.leftovers(at: pair.inbox).isEmpty)
    }

    /// A granted root that is a mount point is still there when its disk is not.
    @Test(arguments: ["", "/sub"]) func aDiskThatIsNotMountedIsWaitedFor(place: String) throws {
        let (pair, session) = try halfway(to: place)
        session.abandon()
        #expect(rename(pair.inbox, pair.inbox + "-away") == 0)
        #expect(mkdir(pair.inbox, 0o755) == 0)
        #expect(try pair.right.purgeInterrupted(before: .max) == 0)
        #expect(try pair.right.status().unfinished.count == 1)
        #expect(rmdir(pair.inbox) == 0 && rename(pair.inbox + "-away", pair.inbox) == 0)
        #expect(try pair.right.purgeInterrupted(before: .max) == 1)
        #expect(Tree.leftovers(at: pair.inbox).isEmpty)
    }

    /// Nor is it by a transfer that completes in the mount point meanwhile.
    @Test(arguments: ["", "/sub"]) func whatLiesOnADiskThatIsNotMountedIsNotForgotten(place: String) throws {
        let (pair, session) = try halfway(to: place)
        session.abandon()
        #expect(rename(pair.inbox, pair.inbox + "-away") == 0)
        #expect(mkdir(pair.inbox, 0o755) == 0)
        try complete(pair, to: place)
        #expect(try pair.right.status().unfinished.count == 1)
        try FileManager.default.removeItem(atPath: pair.inbox)
        #expect(rename(pair.inbox + "-away", pair.inbox) == 0)
        #expect(try pair.right.purgeInterrupted(before: .max) == 1)
        #expect(Tree.leftovers(at: pair.inbox).isEmpty)
    }

    /// What cannot be removed is not forgotten, whatever transfers there complete meanwhile.
    @Test(.enabled(if: geteuid() == 0, "only root can become somebody else"), arguments: ["/sub", "/sub/folder"])
    func whatBarsUsIsWaitedFor(place: String) async {
        await #expect(processExitsWith: .success) { [place] in
            let tests = PurgeTests()
            let (pair, session) = try tests.halfway(to: "/sub")
            session.abandon()
            let nobody: uid_t = 65_534
            for name in try FileManager.default.subpathsOfDirectory(atPath: pair.folder) + [""] {
                lchown(pair.folder + "/" + name, nobody, nobody)
            }
            #expect(setgroups(0, nil) == 0 && setegid(nobody) == 0 && seteuid(nobody) == 0)
            defer { #expect(seteuid(0) == 0) }
            if place == "/sub/folder" {
                chmod(pair.inbox + place, 0o555)
                Tree(["new": .file([1], mode: 0o600, modified: 1)]).write(to: pair.outbox, over: PurgeTests.tree)
                var random = SeededRandom(seed: 5)
                let other = try SimulatedSession(pair, tests.setup(pair, "/sub", "/"), random: &random)
                try other.run()
                #expect(other.isComplete)
            } else {
                chmod(pair.inbox + place, 0)
            }
            #expect(try pair.right.purgeInterrupted(before: .max) == 0)
            #expect(try pair.right.status().unfinished.count == 1)
            chmod(pair.inbox + place, 0o755)
            #expect(Tree.leftovers(at: pair.inbox).count == 1)
            #expect(try pair.right.purgeInterrupted(before: .max) == 1)
            #expect(Tree.leftovers(at: pair.inbox).isEmpty)
        }
    }

    @Test func aDestinationThatWasRemovedIsForgotten() throws {
        let (pair, session) = try halfway(to: "/sub")
        session.abandon()
        try FileManager.default.removeItem(atPath: pair.inbox + "/sub")
        #expect(try pair.right.purgeInterrupted(before: .max) == 1)
        #expect(try pair.right.status().unfinished.isEmpty)
    }

    /// A peer can send links; where it sent one in place of a destination, nothing behind it is touched.
    @Test func nothingBehindALinkIsRemoved() throws {
        let (pair, session) = try halfway(to: "/sub")
        session.abandon()
        #expect(rename(pair.inbox + "/sub", pair.folder + "/elsewhere") == 0)
        #expect(symlink(pair.folder + "/elsewhere", pair.inbox + "/sub") == 0)
        _ = try pair.right.purgeInterrupted(before: .max)
        #expect(Tree.leftovers(at: pair.folder + "/elsewhere").count == 1)
    }

    @Test func aPeerThatIsRemovedLeavesNothing() throws {
        let (pair, session) = try halfway(to: "")
        session.abandon()
        try pair.right.removePeer(TestPair.peer)
        #expect(Tree.leftovers(at: pair.inbox).isEmpty)
    }

    /// Nobody would know of its files any more.
    @Test func aPeerThatIsRemovedWhileItSendsLeavesNothing() async throws {
        let (pair, session) = try halfway(to: "")
        let (home, seed) = (pair.right, try #require(try pair.right.store.seeds().first))
        let removing = Task.detached { try home.removePeer(TestPair.peer) }
        while !home.isRevoked(seed) { try await Task.sleep(for: .milliseconds(5)) }
        try await Task.sleep(for: .milliseconds(100))
        #expect(!Tree.leftovers(at: pair.inbox).isEmpty)
        session.abandon()
        try await removing.value
        #expect(Tree.leftovers(at: pair.inbox).isEmpty)
        #expect(try home.peers().isEmpty)
    }

    private func halfway(to place: String, sources: String = "/") throws -> (TestPair, SimulatedSession) {
        let pair = try TestPair()
        Self.tree.write(to: pair.outbox)
        var random = SeededRandom(seed: 3)
        let session = try SimulatedSession(pair, setup(pair, place, sources), random: &random)
        while Tree.leftovers(at: pair.inbox).isEmpty { try #require(try session.sweep()) }
        #expect(!session.isComplete)
        return (pair, session)
    }

    private func complete(_ pair: TestPair, to place: String) throws {
        var random = SeededRandom(seed: 4)
        let session = try SimulatedSession(pair, setup(pair, place, "/"), random: &random)
        try session.run()
        #expect(session.isComplete)
        #expect(session.sent > Self.tree.bytes)
        #expect(Tree(at: pair.inbox + place) == Self.tree)
    }

    private func setup(_ pair: TestPair, _ place: String, _ sources: String) -> SessionSetup {
        var setup = SessionSetup()
        setup.sources = [pair.outbox + sources]
        setup.destination = pair.inbox + place
        return setup
    }
}
