import PacketFS
import PacketFSTestKit
import PacketFSWire
import Testing

/// What the sender dropped of its log, the receiver still holds, and says so: data that was under way would be void.
@Suite struct TrimmedLogTests {
    private static let size = 1 << 20
    private let pair: TestPair

    init() throws {
        pair = try TestPair()
        try write(1)
        try complete()
    }

    @Test(arguments: ["trim", "forget"]) func nothingIsSentBeforeTheReceiverSpoke(_ name: String) throws {
        _ = name == "trim" ? try pair.left.trimBlob(to: 0) : try pair.left.forget(path: "data")
        try write(2)
        #expect(try saidBeforehand() < 16 << 10)
        // Whoever was waited for in vain is waited for again.
        #expect(try complete() < Self.size + 64 << 10)
        try write(3)
        #expect(try saidBeforehand() > 64 << 10)
    }

    private func write(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        Tree(["data": .file(random.bytes(Self.size), mode: 0o644, modified: Int64(seed) * 1_000_000_000)])
            .write(to: pair.outbox)
    }

    private func session() throws -> SimulatedSession {
        var random = SeededRandom(seed: 5)
        return try SimulatedSession(pair, SessionSetup(), random: &random)
    }

    /// Bytes that a sender sends before it hears anything.
    private func saidBeforehand() throws -> Int {
        let session = try session()
        defer { session.initiator.abandon() }
        return (0..<20).reduce(0) { sum, _ in sum + session.initiator.said(now: session.clock.now).count }
    }

    /// Bytes on the wire.
    @discardableResult
    private func complete() throws -> Int {
        let session = try session()
        try session.run()
        #expect(session.isComplete && Tree(at: pair.inbox) == Tree(at: pair.outbox))
        return session.link.passed(.toResponder)
    }
}
