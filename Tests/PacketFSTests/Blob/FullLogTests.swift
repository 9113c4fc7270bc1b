import PacketFSEngine
import PacketFSStore
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFS

/// A log that has as many extents as it may have.
@Suite struct FullLogTests {
    private static let digest = [UInt8](repeating: 1, count: Limits.digest)

    /// Whoever's log it is says what to do; the other end learns that a limit was in the way.
    @Test(arguments: [LogRole.own, .replica]) func bothEndsSayWhatIsFull(role: LogRole) throws {
        let pair = try TestPair()
        Tree(["file": .file([1, 2, 3], mode: 0o600, modified: 1_600_000_000)]).write(to: pair.outbox)
        try run(pair) { #expect($0.isComplete) }
        try fill(role == .own ? pair.left : pair.right, role)
        Tree(["file": .file(Array(1...100), mode: 0o600, modified: 1_700_000_000)]).write(to: pair.outbox)
        try run(pair) { session in
            let ends = [session.initiator, session.responder]
            let (full, other) = role == .own ? (ends[0], ends[1]) : (ends[1], ends[0])
            let failure = PacketFSError(explaining: try #require(session.failure(of: full)))
            #expect(failure.code == .limit && failure.hint?.contains("packetfs blob trim") == true)
            #expect(session.failure(of: other) as? EngineError == .peerAborted(.limitExceeded))
        }
    }

    private func run(_ pair: TestPair, _ check: (SimulatedSession) throws -> Void) throws {
        var random = SeededRandom(seed: 4)
        let session = try SimulatedSession(pair, SessionSetup(), random: &random)
        try session.run()
        try check(session)
    }

    /// With extents that are in nobody's way.
    private func fill(_ home: Home, _ role: LogRole) throws {
        let log = try #require(try home.store.log(for: home.store.peers()[0].party, role: role))
        let count = Limits.extents - (try home.store.usage(of: log).extents)
        let first = role == .own ? try home.store.reserve(bytes: 2 * count, in: log).address : 1 << 40
        let records = (0..<count).map { number in
            let range = AddressRange(address: first + UInt64(2 * number), length: 1)
            return ExtentRecord(
                extent: Extent(range: range, digest: Self.digest), state: .pending, transfer: nil,
                firstPath: [], lastPath: [], learnedAt: 1)
        }
        try home.store.insert(records, in: log)
    }
}
