import Foundation
import PacketFSBlob
import PacketFSStore
import PacketFSTestKit
import Testing

@testable import PacketFS

/// What interrupted transfers leave in both logs.
@Suite struct SweepTests {
    private static let size = 9 << 20
    private let pair: TestPair
    private var logs: [SparseFile] { [pair.ownLog, pair.replica].compactMap { $0.map(SparseFile.init) } }
    private var homes: [Home] { [pair.left, pair.right] }

    init() throws {
        pair = try TestPair()
        var random = SeededRandom(seed: 41)
        Tree(["big": .file(random.bytes(Self.size), mode: 0o600, modified: 1_600_000_000)]).write(to: pair.outbox)
    }

    @Test func manyLeaveNoMoreThanOne() throws {
        for bytes in [5 << 20, 1 << 20, 1 << 20, 1 << 20] {
            try halfway(after: bytes).abandon()
            #expect(logs.allSatisfy { $0.allocated < Self.size + 1 << 20 })
        }
        try complete()
        #expect(logs.count == 2 && logs.allSatisfy { (Self.size..<Self.size + 1 << 20).contains($0.allocated) })
        for home in homes { #expect(try home.trimBlob(to: 0).bytes >= UInt64(Self.size)) }
        #expect(logs.allSatisfy { $0.allocated == 0 })
    }

    /// An empty variable in a script is no word for everything.
    @Test(arguments: ["", "/", "//"]) func nothingIsNotEverything(_ path: String) throws {
        try complete()
        let error = #expect(throws: PacketFSError.self) { try pair.left.forget(path: path) }
        #expect(error?.code == .usage)
        #expect(try !pair.left.extents().isEmpty)
    }

    @Test func forgettingLeavesNothingToRead() throws {
        try halfway().abandon()
        #expect(try logs.allSatisfy { try $0.firstByte() != nil })
        #expect(try indexed() > 1000)
        for home in homes {
            let release = try home.forget(path: "big")
            #expect(release.bytes > 0 && release.busy.isEmpty)
        }
        #expect(try indexed() == 0)
        #expect(try logs.count == 2 && logs.allSatisfy { try $0.firstByte() == nil })
        try complete()
    }

    /// It hears of that from the holdings, which it takes for the peer's from then on.
    @Test func whatThePeerDroppedIsForgottenByTheIndexToo() throws {
        try complete()
        _ = try pair.right.trimBlob(to: 0)
        try FileManager.default.removeItem(atPath: pair.outbox + "/big")
        Tree(["small": .file([1, 2, 3], mode: 0o600, modified: 1_600_000_000)]).write(to: pair.outbox)
        try complete()
        #expect(try indexed() > 1000)
        _ = try pair.left.forget(path: "another")
        #expect(try indexed() < 100)
    }

    /// Addresses in the index of the sender's log.
    private func indexed() throws -> UInt64 {
        let store = try Store(folder: pair.left.location.state)
        let log = try store.ownLog(for: store.peers()[0].party)
        return try MatchIndex(file: #require(pair.ownIndex), log: log.id).addressCount
    }

    /// Extents on record that the peer never had.
    @Test func whatWasRecordedBeforeTheReceiptGoesWithTheNext() throws {
        for bytes in [Self.size - 256 << 10, 512 << 10, 512 << 10] {
            try recorded(cutAfter: bytes).abandon()
            #expect(try pair.left.extents().reduce(0) { $0 + $1.length } < Self.size + 1 << 20)
        }
        try complete()
        #expect(try pair.left.extents().allSatisfy { $0.state == "acknowledged" })
        #expect(logs.allSatisfy { $0.allocated < Self.size + 1 << 20 })
    }

    @Test(arguments: ["verify", "trim", "forget", "serve"]) func andWithEveryErrand(_ name: String) throws {
        try recorded().abandon()
        switch name {
        case "verify": _ = try pair.left.verifyBlob()
        case "trim": #expect(try pair.left.trimBlob(to: .max).bytes >= UInt64(Self.size))
        case "forget": #expect(try pair.left.forget(path: "another").bytes >= UInt64(Self.size))
        default: try pair.left.sweepBlob()
        }
        #expect(try pair.left.extents().isEmpty)
        let own = try SparseFile(#require(pair.ownLog))
        #expect(try own.firstByte() == nil)
    }

    @Test func whatRunsIsSpared() throws {
        do {
            let session = try halfway()
            for home in homes {
                #expect(try home.forget(path: "big").busy == [TestPair.peer])
                #expect(try home.trimBlob(to: 0).busy == [TestPair.peer])
                #expect(try home.verifyBlob().damaged.isEmpty)
            }
            try session.run()
            #expect(session.isComplete)
        }
        for home in homes {
            #expect(try home.verifyBlob().damaged.isEmpty)
            #expect(try home.extents().reduce(0) { $0 + $1.length } >= Self.size)
        }
    }

    /// What somebody drops while it is read reads as zeros, and is not damaged.
    @Test func whatIsDroppedMeanwhileIsNotDamaged() throws {
        try complete()
        for home in homes {
            let count = try home.extents().count
            let result = try home.verifyBlob(peer: nil) { extent, log in
                _ = try? home.trimBlob(to: 0)
                return Healer.verify(extent, in: log)
            }
            #expect(result.extents == count && count > 0 && result.damaged.isEmpty)
        }
    }

    /// Records that went without their bytes, as where a process was killed between the two.
    @Test func whatACrashKeptFromBeingFreedGoes() throws {
        try complete()
        for home in homes {
            let store = try Store(folder: home.location.state)
            for log in try store.logs() {
                #expect(try !store.drop(store.extents(in: log).map(\.extent), in: log).isEmpty)
            }
            #expect(try home.trimBlob(to: .max).bytes >= UInt64(Self.size))
        }
        #expect(try logs.allSatisfy { try $0.firstByte() == nil })
    }

    /// Daily, and as it starts.
    @Test func aServerSweeps() async throws {
        try halfway().abandon()
        var options = ServerOptions()
        options.listen = "127.0.0.1:0"
        let server = Server(home: pair.right, options: options) { _ in }
        let task = Task { try await server.run() }
        defer { task.cancel() }
        let replica = try SparseFile(#require(pair.replica))
        for _ in 0..<600 where try replica.firstByte() != nil { try await Task.sleep(for: .milliseconds(50)) }
        #expect(try replica.firstByte() == nil)
    }

    /// Ends with some of the file at the receiver, and in its log.
    private func halfway(after bytes: Int = 5 << 20) throws -> SimulatedSession {
        var random = SeededRandom(seed: UInt64(bytes))
        let session = try SimulatedSession(pair, SessionSetup(), random: &random)
        while try sent(session) < bytes || pair.replica.flatMap({ try SparseFile($0).firstByte() }) == nil {
            try #require(try session.sweep())
        }
        #expect(!session.isComplete)
        return session
    }

    /// Ends when the sender has on record what it sends, and the line was cut before all of it was there.
    private func recorded(cutAfter bytes: Int = size - 256 << 10) throws -> SimulatedSession {
        var random = SeededRandom(seed: 6)
        var setup = SessionSetup()
        setup.faults.cut = (.toResponder, bytes)
        let before = Set(try pair.left.extents().map(\.address))
        let session = try SimulatedSession(pair, setup, random: &random)
        // What is said after the cut is lost.
        for _ in 0..<10_000 where try Set(pair.left.extents().map(\.address)).isSubset(of: before) {
            _ = try session.sweep()
        }
        #expect(try !Set(pair.left.extents().map(\.address)).isSubset(of: before))
        #expect(try pair.right.extents().isEmpty)
        return session
    }

    private func sent(_ session: SimulatedSession) -> Int {
        Int(session.initiator.summary(now: session.clock.now).dataPlaneBytes)
    }

    private func complete() throws {
        var random = SeededRandom(seed: 9)
        let session = try SimulatedSession(pair, SessionSetup(), random: &random)
        try session.run()
        #expect(session.isComplete)
    }
}
