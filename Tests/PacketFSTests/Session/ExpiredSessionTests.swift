import PacketFSChannel
import PacketFSStore
import PacketFSTestKit
import Synchronization
import Testing

@testable import PacketFS

/// Sessions that reach their greatest age before they have done what they were for.
@Suite struct ExpiredSessionTests {
    private let pair: TestPair

    init() throws {
        pair = try TestPair(padMebibytes: 1)
        Tree(["file": .file([1, 2, 3], mode: 0o600, modified: 1_600_000_000)]).write(to: pair.outbox)
    }

    @Test(.timeLimit(.minutes(3))) func anotherSessionTakesUpWhatCanBe() async throws {
        let home = pair.left
        let (_, side) = try home.sender(
            of: [pair.outbox + "/"], to: PeerPath(peer: TestPair.peer, path: pair.inbox), options: SendOptions())
        let sessions = Atomic(0)
        let summary = try await serving { peer in
            try await home.session(with: peer, options: SendOptions(), report: { _ in }) { integrity in
                guard sessions.add(1, ordering: .relaxed).newValue > 2 else { throw ChannelError.sessionExpired }
                return try side(integrity)
            }
        }
        #expect(summary.filesWritten == 1 && sessions.load(ordering: .relaxed) == 3)
    }

    /// It begins at its first byte in every session: one that takes longer than a session would never arrive.
    @Test(.timeLimit(.minutes(3))) func aMessageIsNotBegunAgainAndAgain() async throws {
        let home = pair.left
        let sessions = Atomic(0)
        let message = OutgoingMessage {
            guard sessions.add(1, ordering: .relaxed).newValue < 3 else { throw CancellationError() }
            throw ChannelError.sessionExpired
        }
        try await serving { peer in
            let carried = home.carry(message, pad: "pad", to: peer.name, options: SendOptions())
            let error = await #expect(throws: PacketFSError.self) { try await carried.summary() }
            #expect(error?.code == .connection)
        }
        #expect(sessions.load(ordering: .relaxed) == 1)
    }

    /// Runs `body` while the right home serves. It is told whom the left one is to call.
    @discardableResult
    private func serving<R>(_ body: (PeerRecord) async throws -> R) async throws -> R {
        var options = ServerOptions()
        options.listen = "127.0.0.1:0"
        let (events, feed) = AsyncStream.makeStream(of: ServerEvent.self)
        let server = Server(home: pair.right, options: options) { feed.yield($0) }
        let task = Task { try await server.run() }
        defer { task.cancel() }
        for await case .listening(let address) in events {
            _ = try pair.left.updatePeer(TestPair.peer, address: address)
            break
        }
        return try await body(pair.left.record(named: TestPair.peer))
    }
}
