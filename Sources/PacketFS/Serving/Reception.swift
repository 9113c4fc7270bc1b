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
        report(.listening(listener.localAddress.description))
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
            let outcome: Handshake.Outcome
            do {
                defer { handshakes.give("") }
                outcome = try await shakeHands(connection)
            }
            let record = try home.store.peer(outcome.peer.peer).orThrow(.peer, "the peer was removed")
            name = record.name
            let summary = try await serve(record, consume outcome, connection)
            report(.transferred(peer: record.name, summary: summary))
        } catch {
            await connection.close()
            report(.failed(peer: name, PacketFSError(explaining: error, peer: name)))
        }
    }

    private func shakeHands(_ connection: TCPConnection) async throws -> Handshake.Outcome {
        let candidates = try home.store.peers().compactMap { try? home.credentials(of: $0) }
        return try await Deadline.seconds(options.handshakeTimeout, closing: connection) {
            try await Handshake.respond(over: connection, among: candidates, padding: options.padding.wire)
        }
    }

    private func serve(
        _ record: PeerRecord, _ outcome: consuming Handshake.Outcome, _ connection: TCPConnection
    ) async throws -> TransferSummary {
        let isAdmitted = sessions.take(record.name, bound: record.maxSessions)
        defer { if isAdmitted { sessions.give(record.name) } }
        let answering = ResponderSides(sides: Sides(home: home, peer: record), isAdmitted: isAdmitted)
        let covering = Covering(home: home, credentials: outcome.peer, role: .responder)
        let session = try Session(
            opened: outcome.takeChannel(), covering: covering, dispatch: { try answering.side(for: $0, integrity: $1) },
            report: { _ in })
        return try await SessionRunner(session: session, connection: connection).run()
    }
}
