import PacketFSChannel
import PacketFSStore
import PacketFSTransport
import ServiceLifecycle

/// Accepts connections, shakes hands within bounds of number and time, and lets each peer have its sessions.
struct Reception: Sendable {
    private let home: Home
    private let options: ServerOptions
    private let report: @Sendable (ServerEvent) -> Void
    private let handshakes: Quota<String>
    private let sessions: Quota<String>

    init(home: Home, options: ServerOptions, report: @escaping @Sendable (ServerEvent) -> Void) {
        self.home = home
        self.options = options
        self.report = report
        handshakes = Quota()
        sessions = Quota()
    }

    func run() async throws {
        let listener = try await TCPListener.bind(
            Endpoint(parsing: options.listen, defaultPort: Home.defaultPort), maxConnections: options.maxConnections)
        for (peer, error) in try home.unlockAll() { report(.failed(peer: peer, error)) }
        report(.listening(listener.localAddress.description))
        tellOfPads()
        let housekeeper = Housekeeper(home: home, resumeDays: options.resumeDays, report: report)
        await withDiscardingTaskGroup { group in
            group.addTask { await housekeeper.run() }
            await withTaskCancellationHandler {
                await withGracefulShutdownHandler {
                    while let connection = try? await listener.accept() {
                        group.addTask { await receive(connection) }
                    }
                } onGracefulShutdown: {
                    Task { await listener.close() }
                }
            } onCancel: {
                Task { await listener.close() }
            }
            await drain()
            group.cancelAll()
        }
    }

    /// Lets running transfers finish for a while; those that do not are cut, and can be resumed.
    private func drain() async {
        let end = ContinuousClock.now + .seconds(options.stopTimeout)
        while !Task.isCancelled, !sessions.isEmpty, ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    /// One connection from first to last.
    private func receive(_ connection: TCPConnection) async {
        var name: String?
        do {
            guard handshakes.take("", bound: options.maxHandshakes) else { return await connection.close() }
            let candidates = try home.answerableSeeds()
            let outcome: Handshake.Outcome
            do {
                defer { handshakes.give("") }
                outcome = try await shakeHands(connection, candidates.map(\.keys))
            }
            let keys = outcome.peer
            let seed = try candidates.first { $0.keys === keys }.orThrow(.internal, "a handshake under no seed")
            let record = try home.store.peer(outcome.peer.peer).orThrow(.peer, "the peer was removed")
            name = record.name
            let summary = try await serve(record, seed.record, consume outcome, connection)
            report(.transferred(peer: record.name, summary: summary))
            tellOfPads()
        } catch {
            await connection.close()
            SessionMetrics.failed(error)
            report(.failed(peer: name, PacketFSError(explaining: error, peer: name)))
        }
    }

    /// Measures what is left of the pads; one that is in use is measured the next time.
    private func tellOfPads() {
        for name in (try? home.padNames()) ?? [] { _ = try? home.padInfo(name) }
    }

    private func shakeHands(
        _ connection: TCPConnection, _ candidates: [PeerCredentials]
    ) async throws -> Handshake.Outcome {
        try await Deadline.seconds(options.handshakeTimeout, closing: connection) {
            try await Handshake.respond(over: connection, among: candidates, padding: options.padding.wire)
        }
    }

    private func serve(
        _ record: PeerRecord, _ seed: SeedRecord, _ outcome: consuming Handshake.Outcome, _ connection: TCPConnection
    ) async throws -> TransferSummary {
        let isAdmitted = sessions.take(record.name, bound: record.maxSessions)
        defer { if isAdmitted { sessions.give(record.name) } }
        let answering = ResponderSides(sides: Sides(home: home, peer: record), isAdmitted: isAdmitted)
        let covering = Covering(home: home, credentials: outcome.peer, role: .responder)
        let session = try Session(
            opened: outcome.takeChannel(), covering: covering,
            dispatch: {
                // A frame of the peer opened: it has this seed now. That is durable before it sees one of ours.
                try home.settle(seed)
                return try answering.side(for: $0, integrity: $1)
            }, report: { _ in })
        let runner = SessionRunner(session: session, connection: connection) { home.isRevoked(record.party) }
        return try await runner.run()
    }
}
