import NIOCore
import PacketFSChannel
import PacketFSEngine
import PacketFSTestKit
import PacketFSTransport
import PacketFSWire
import Synchronization
import Testing

@testable import PacketFS

@Suite struct SessionRunnerTests {
    /// A connection that takes its time.
    private struct Odd: Connection {
        let inner: MemoryConnection
        var taken: @Sendable () -> UInt64? = { nil }
        var beforeSending: @Sendable () async -> Void = {}
        var beforeFinishing: @Sendable () async throws(TransportError) -> Void = {}
        var beforeHangingUp: @Sendable () async -> Void = {}
        /// What comes does so in pieces of so many bytes.
        var piece = Int.max
        var beforeReceiving: @Sendable () async -> Void = {}
        private let rest = Rest()

        private final class Rest: Sendable {
            let bytes = Mutex(ByteBuffer())
        }

        var remoteAddress: String { inner.remoteAddress }
        func delivery() async -> Delivery? { taken().map { Delivery(bytes: $0, busySeconds: 0) } }
        func close() async { await inner.close() }

        func send(_ bytes: ByteBuffer) async throws(TransportError) {
            await beforeSending()
            try await inner.send(bytes)
        }

        func finishSending() async throws(TransportError) {
            try await beforeFinishing()
            try await inner.finishSending()
        }

        func receive() async throws(TransportError) -> ByteBuffer? {
            if rest.bytes.withLock({ $0.readableBytes == 0 }) {
                guard let bytes = try await inner.receive() else {
                    await beforeHangingUp()
                    return nil
                }
                rest.bytes.withLock { $0 = bytes }
            }
            await beforeReceiving()
            return rest.bytes.withLock { $0.readSlice(length: min(piece, $0.readableBytes)) }
        }
    }

    @Sendable private static func forEver() async { try? await Task.sleep(for: .seconds(600)) }

    private let pair: TestPair
    private let ours: MemoryConnection
    private let theirs: MemoryConnection

    init() throws {
        pair = try TestPair()
        Tree(["file": .file(Array("some bytes".utf8), mode: 0o644, modified: 1_000_000_000)]).write(to: pair.outbox)
        (ours, theirs) = MemoryConnection.pair()
    }

    /// What was transferred is reported, though the other end, which has said all, keeps the connection.
    @Test(.timeLimit(.minutes(3))) func aPeerThatDoesNotHangUpKeepsNobody() async throws {
        let answered = respond()
        let summary = try await run(
            Odd(inner: ours, beforeHangingUp: Self.forEver), SessionRunner.Patience(farewell: .milliseconds(1)))
        #expect(summary.filesWritten == 1)
        _ = try await answered.value
        #expect(Tree(at: pair.inbox) == Tree(at: pair.outbox))
    }

    /// What waits takes longer than a connection may take nothing, and some of it is taken all the time.
    @Test(.timeLimit(.minutes(3))) func aSlowConnectionIsNotADeadOne() async throws {
        let taken = Atomic<UInt64>(0)
        let answered = respond()
        let slow = Odd(inner: ours, taken: { taken.load(ordering: .relaxed) }) {
            guard taken.load(ordering: .relaxed) == 0 else { return }
            for _ in 0..<150 {
                try? await Task.sleep(for: .milliseconds(20))
                taken.add(1, ordering: .relaxed)
            }
        }
        let patience = SessionRunner.Patience(tick: .milliseconds(20), stall: 2)
        #expect(try await run(slow, patience).filesWritten == 1)
        _ = try await answered.value
    }

    @Test(.timeLimit(.minutes(3))) func aConnectionThatTakesNothingIsGivenUp() async throws {
        let answered = respond()
        let dead = Odd(inner: ours, taken: { 7 }, beforeSending: Self.forEver)
        let patience = SessionRunner.Patience(tick: .milliseconds(20), stall: 0.2)
        await #expect(throws: TransportError.timedOut) { try await run(dead, patience) }
        _ = await answered.result
    }

    /// A session that failed has a last word, which a peer that reads nothing never takes.
    @Test(.timeLimit(.minutes(3))) func aPeerThatStopsReadingKeepsNobody() async throws {
        let (credentials, connection) = (try pair.right.credentials(ofPeer: TestPair.peer), theirs)
        let garbage = Task {
            let call = try await Handshake.call(from: connection)
            _ = try await Handshake.respond(to: call, over: connection, among: [credentials], padding: .none)
            try await connection.send(ByteBuffer(bytes: [0, 64] + [UInt8](repeating: 1, count: 64)))
        }
        let deaf = Odd(inner: ours, beforeFinishing: Self.forEver, beforeHangingUp: Self.forEver)
        let patience = SessionRunner.Patience(tick: .milliseconds(20), farewell: .milliseconds(20))
        await #expect(throws: ChannelError.notAuthentic) { try await run(deaf, patience) }
        try await garbage.value
    }

    /// What hides a total takes longer to come than one waits for somebody to hang up.
    @Test(.timeLimit(.minutes(3))) func paddingIsHeardOut() async throws {
        let answered = respond(padding: .padme)
        let trickling = Odd(inner: ours, beforeHangingUp: Self.forEver, piece: 20) {
            try? await Task.sleep(for: .milliseconds(20))
        }
        let summary = try await run(trickling, SessionRunner.Patience(farewell: .milliseconds(500)), padding: .padme)
        #expect(try await answered.value.wireSent == summary.wireBytes - summary.wireSent)
        #expect(summary.filesWritten == 1)
    }

    /// Both ends have said all before.
    @Test(.timeLimit(.minutes(3))) func aLineThatBreaksInThePaddingBreaksNothing() async throws {
        let answered = respond(padding: .padme)
        let breaking = Odd(inner: ours, beforeFinishing: { () throws(TransportError) in throw .reset })
        #expect(try await run(breaking, SessionRunner.Patience(), padding: .padme).filesWritten == 1)
        _ = await answered.result
    }

    /// It can be called again at once, and its peer knows that it was no cut.
    @Test(.timeLimit(.minutes(3))) func whoIsStoppedSaysSo() async throws {
        let answered = respond()
        let heard = Atomic(false)
        let held = Odd(
            inner: ours,
            beforeReceiving: {
                heard.store(true, ordering: .relaxed)
                try? await Task.sleep(for: .milliseconds(100))
            })
        let running = start(held, SessionRunner.Patience(stopping: .seconds(600)))
        while !heard.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(5)) }
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        await #expect(throws: EngineError.peerAborted(.stopping)) { try await answered.value }
    }

    @Test(.timeLimit(.minutes(3))) func whoIsStoppedDoesNotWaitForTheDeaf() async throws {
        let answered = respond()
        let sends = Atomic(false)
        let deaf = Odd(
            inner: ours,
            beforeSending: {
                sends.store(true, ordering: .relaxed)
                await Self.forEver()
            })
        let running = start(deaf, SessionRunner.Patience(stopping: .milliseconds(20)))
        while !sends.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(5)) }
        running.cancel()
        await #expect(throws: (any Error).self) { try await running.value }
        _ = await answered.result
    }

    /// A line that is cut without a word is known by that.
    @Test(.timeLimit(.minutes(3))) func howLongThePeerIsSilentIsNoted() async throws {
        let answered = respond()
        let most = Mutex(0.0)
        let slow = Odd(
            inner: ours,
            beforeReceiving: {
                while most.withLock({ $0 < 0.2 }) { try? await Task.sleep(for: .milliseconds(5)) }
            })
        _ = try await run(slow, SessionRunner.Patience(tick: .milliseconds(20))) { silence in
            most.withLock { $0 = max($0, silence) }
        }
        _ = try await answered.value
    }

    /// Sends what is in the outbox, as the left home.
    private func run(
        _ connection: Odd, _ patience: SessionRunner.Patience, padding: Padding = .none,
        noteSilence: @escaping @Sendable (Double) -> Void = { _ in }
    ) async throws -> TransferSummary {
        try await start(connection, patience, padding: padding, noteSilence: noteSilence).value
    }

    private func start(
        _ connection: Odd, _ patience: SessionRunner.Patience, padding: Padding = .none,
        noteSilence: @escaping @Sendable (Double) -> Void = { _ in }
    ) -> Task<TransferSummary, any Error> {
        let (home, source, inbox, ours) = (pair.left, pair.outbox + "/", pair.inbox, ours)
        return Task {
            let outcome = try await Handshake.initiate(
                over: ours, credentials: home.credentials(ofPeer: TestPair.peer), suite: .aes256gcm, padding: padding)
            let (_, side) = try home.sender(
                of: [source], to: PeerPath(peer: TestPair.peer, path: inbox), options: SendOptions())
            let covering = Covering(home: home, credentials: outcome.peer, role: .initiator)
            let session = try Session(opened: outcome.takeChannel(), covering: covering, report: { _ in })
            try await session.start(side)
            return try await SessionRunner(
                session: session, connection: connection, patience: patience, noteSilence: noteSilence,
                isRevoked: { false }
            ).run()
        }
    }

    /// The right home answers.
    private func respond(padding: Padding = .none) -> Task<TransferSummary, any Error> {
        let (home, connection) = (pair.right, theirs)
        return Task {
            let credentials = try home.credentials(ofPeer: TestPair.peer)
            let call = try await Handshake.call(from: connection)
            let outcome = try await Handshake.respond(
                to: call, over: connection, among: [credentials], padding: padding)
            let sides = Sides(home: home, peer: try home.record(named: TestPair.peer))
            let session = try Session(
                opened: outcome.takeChannel(),
                covering: Covering(home: home, credentials: credentials, role: .responder),
                dispatch: { try ResponderSides(sides: sides).side(for: $0, integrity: $1) }, report: { _ in })
            return try await SessionRunner(session: session, connection: connection, isRevoked: { false }).run()
        }
    }
}
