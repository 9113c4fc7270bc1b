import Foundation
import PacketFS
import PacketFSStore
import PacketFSTestKit
import Testing

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

    @Test func forgettingLeavesNothingToRead() throws {
        try halfway().abandon()
        #expect(try logs.allSatisfy { try $0.firstByte() != nil })
        for home in homes {
            let release = try home.forget(path: "big")
            #expect(release.bytes > 0 && release.busy.isEmpty)
        }
        #expect(try logs.count == 2 && logs.allSatisfy { try $0.firstByte() == nil })
        try complete()
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
