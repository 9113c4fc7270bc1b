import NIOCore
import PacketFSChannel
import PacketFSTestKit
import PacketFSTransport
import PacketFSWire
import Testing

@testable import PacketFS

@Suite struct SessionRunnerTests {
    /// A connection whose other end never hangs up.
    private struct Clinging: Connection {
        let inner: MemoryConnection

        var remoteAddress: String { inner.remoteAddress }
        func delivery() async -> Delivery? { nil }
        func send(_ bytes: ByteBuffer) async throws(TransportError) { try await inner.send(bytes) }
        func finishSending() async throws(TransportError) { try await inner.finishSending() }
        func close() async { await inner.close() }

        func receive() async throws(TransportError) -> ByteBuffer? {
            if let bytes = try await inner.receive() { return bytes }
            try? await Task.sleep(for: .seconds(600))
            throw .cancelled
        }
    }

    /// What was transferred is reported, though the other end, which has said all, keeps the connection.
    @Test(.timeLimit(.minutes(3))) func aPeerThatDoesNotHangUpKeepsNobody() async throws {
        let pair = try TestPair()
        Tree(["file": .file(Array("some bytes".utf8), mode: 0o644, modified: 1_000_000_000)]).write(to: pair.outbox)
        let (ours, theirs) = MemoryConnection.pair()
        let home = pair.right
        async let answered = Self.respond(home, theirs)
        let outcome = try await Handshake.initiate(
            over: ours, credentials: pair.left.credentials(ofPeer: TestPair.peer), suite: .aes256gcm, padding: .none)
        let (_, side) = try pair.left.sender(
            of: [pair.outbox + "/"], to: PeerPath(peer: TestPair.peer, path: pair.inbox), options: SendOptions())
        let covering = Covering(home: pair.left, credentials: outcome.peer, role: .initiator)
        let session = try Session(opened: outcome.takeChannel(), covering: covering, report: { _ in })
        try await session.start(side)
        let runner = SessionRunner(
            session: session, connection: Clinging(inner: ours), farewell: .milliseconds(1), isRevoked: { false })
        #expect(try await runner.run().filesWritten == 1)
        _ = try await answered
        #expect(Tree(at: pair.inbox) == Tree(at: pair.outbox))
    }

    private static func respond(_ home: Home, _ connection: MemoryConnection) async throws -> TransferSummary {
        let credentials = try home.credentials(ofPeer: TestPair.peer)
        let call = try await Handshake.call(from: connection)
        let outcome = try await Handshake.respond(to: call, over: connection, among: [credentials], padding: .none)
        let sides = Sides(home: home, peer: try home.record(named: TestPair.peer))
        let session = try Session(
            opened: outcome.takeChannel(), covering: Covering(home: home, credentials: credentials, role: .responder),
            dispatch: { try ResponderSides(sides: sides).side(for: $0, integrity: $1) }, report: { _ in })
        return try await SessionRunner(session: session, connection: connection, isRevoked: { false }).run()
    }
}
