import PacketFSChannel
import PacketFSStore
import PacketFSTestKit
import PacketFSTransport
import PacketFSWire
import Testing

@testable import PacketFS

/// A server as those see it who call it.
@Suite(.timeLimit(.minutes(10))) struct ReceptionTests {
    private let pair: TestPair

    init() throws {
        pair = try TestPair()
        Tree(["file": .file([1, 2, 3], mode: 0o644, modified: 1_000_000_000)]).write(to: pair.outbox)
    }

    /// Nobody would notice a server that only seems to listen.
    @Test func aServerThatCannotListenAnyMoreFails() async throws {
        try await serving(ServerOptions()) { endpoint, _, server in
            #expect(ListeningSocket.fail(port: UInt16(endpoint.port)))
            let error = await #expect(throws: PacketFSError.self) { try await server.value }
            #expect(error?.code == .connection)
            #expect(error?.message.hasPrefix("no more connections can be accepted") == true)
        }
    }

    /// Whoever keeps connections open without a word keeps no peer out, however few sessions there may be.
    @Test func strangersTakeNoSession() async throws {
        var options = ServerOptions()
        (options.maxConnections, options.maxHandshakes, options.handshakeTimeout) = (1, 2, 3600)
        try await serving(options) { endpoint, _, _ in
            var idle: [TCPConnection] = []
            for _ in 0..<8 { idle.append(try await TCPConnector.connect(to: endpoint)) }
            #expect(try await send().filesWritten == 1)
            for _ in 0..<8 { idle.append(try await TCPConnector.connect(to: endpoint)) }
            #expect(try await send().filesWritten == 0)
            withExtendedLifetime(idle) {}
        }
    }

    /// A peer that has no session left is told so, and keeps nobody else out by being told.
    @Test func whoHasNoSessionLeftIsTold() async throws {
        var options = ServerOptions()
        (options.maxConnections, options.maxHandshakes) = (1, 8)
        try await serving(options) { endpoint, events, _ in
            let held = try await proved(endpoint)
            let error = await #expect(throws: PacketFSError.self) { try await send() }
            #expect(error?.code == .limit)
            await held.close()
            var events = events.makeAsyncIterator()
            while let event = await events.next() {
                // The one that held it is over.
                if case .failed(TestPair.peer, let error) = event, error.code == .connection { break }
            }
            #expect(try await send().filesWritten == 1)
        }
    }

    /// What was answered may be a recording: it is nobody's, and counts as strangers do.
    @Test func whoProvedNothingIsNobody() async throws {
        try await serving(ServerOptions()) { endpoint, events, _ in
            for _ in 0..<Strangers.bound + 5 {
                let connection = try await TCPConnector.connect(to: endpoint)
                _ = try await answer(connection)
                await connection.close()
            }
            let held = try await proved(endpoint)
            await held.close()
            var failures: [String?] = []
            for await case .failed(let peer, _) in events {
                failures.append(peer)
                if peer != nil { break }
            }
            // The last may be told of before some of the others; and of a minute that ended, how many more there were.
            #expect((Strangers.bound / 2...Strangers.bound + 1).contains(failures.count - 1))
            #expect(failures.last == TestPair.peer)
        }
    }

    @Test func aServerWithoutThatFamilyOfAddressesSaysWhatToDo() {
        let error = PacketFSError(listeningAt: "[::]:4747", TransportError.unreachable)
        #expect(error.code == .usage && error.hint?.contains("--listen 0.0.0.0:4747") == true)
    }

    private func send() async throws -> PacketFS.TransferSummary {
        try await pair.left.send([pair.outbox + "/"], to: PeerPath(peer: TestPair.peer, path: "")).summary()
    }

    /// Runs a handshake of the left home, and goes no further.
    private func answer(_ connection: TCPConnection) async throws -> OpenedChannel {
        try await Handshake.initiate(
            over: connection, credentials: pair.left.credentials(ofPeer: TestPair.peer), suite: .aes256gcm,
            padding: .none
        ).takeChannel()
    }

    /// A connection whose first frame has come, and was answered by silence.
    private func proved(_ endpoint: Endpoint) async throws -> TCPConnection {
        let connection = try await TCPConnector.connect(to: endpoint)
        let (_, link) = try await answer(connection).takeLink(now: .now)
        try link.send(.alive, now: .now)
        try await connection.send(link.takeOutput())
        return connection
    }

    /// Runs `body` while the right home serves.
    private func serving(
        _ options: ServerOptions,
        _ body: (Endpoint, AsyncStream<ServerEvent>, Task<Void, any Error>) async throws -> Void
    ) async throws {
        var options = options
        options.listen = "127.0.0.1:0"
        let (events, feed) = AsyncStream.makeStream(of: ServerEvent.self)
        let (addresses, listening) = AsyncStream.makeStream(of: String.self)
        let server = Server(home: pair.right, options: options) { event in
            if case .listening(let address) = event { listening.yield(address) } else { feed.yield(event) }
        }
        let task = Task { try await server.run() }
        defer { task.cancel() }
        let address = try #require(await addresses.first { _ in true })
        _ = try pair.left.updatePeer(TestPair.peer, address: address)
        try await body(Endpoint(reaching: address), events, task)
    }
}
