import PacketFSChannel
import PacketFSStore
import PacketFSTransport
import PacketFSWire
import ServiceLifecycle

/// Accepts connections, shakes hands within bounds of number and time, and lets each peer have its sessions.
struct Reception: Sendable {
    /// Connections that may still be closing beside those that were counted.
    private static let leaving = 16

    private let home: Home
    private let options: ServerOptions
    private let report: @Sendable (ServerEvent) -> Void
    private let lobby = Lobby()
    private let answered = AnsweredCalls()
    private let sessions: OpenSessions
    private let lanes = PeerLanes()
    private let strangers = Strangers()

    init(home: Home, options: ServerOptions, report: @escaping @Sendable (ServerEvent) -> Void) {
        self.home = home
        self.options = options
        self.report = report
        sessions = OpenSessions(bound: options.maxConnections)
    }

    /// Throws where it cannot listen, or no more: then once running transfers are over.
    func run() async throws {
        let listener = try await listen()
        for (peer, error) in try home.unlockAll() { report(.failed(peer: peer, error)) }
        report(.listening(listener.localAddress.description))
        home.padNames().forEach(tellOfPad)
        let housekeeper = Housekeeper(home: home, resumeDays: options.resumeDays, report: report)
        let failure = await withDiscardingTaskGroup { group in
            group.addTask { await housekeeper.run() }
            group.addTask { await sumUpStrangers() }
            let failure = await withTaskCancellationHandler {
                await withGracefulShutdownHandler {
                    await accept(from: listener) { connection in group.addTask { await receive(connection) } }
                } onGracefulShutdown: {
                    Task { await listener.close() }
                }
            } onCancel: {
                Task { await listener.close() }
            }
            await drain()
            group.cancelAll()
            return failure
        }
        guard let failure else { return }
        let why = PacketFSError(explaining: failure).message
        throw PacketFSError(.connection, "no more connections can be accepted: \(why)", cause: failure)
    }

    private func listen() async throws -> TCPListener {
        // The lobby always has one that gives way: of those who wait outside, each has its turn at once.
        let bound = options.maxConnections + options.maxHandshakes + Self.leaving
        return try await TCPListener.bind(
            Endpoint(parsing: options.listen, defaultPort: Home.defaultPort), maxConnections: bound
        ) {
            let why = PacketFSError(.limit, "no descriptor is left for who calls now (see `ulimit -n`)")
            report(.failed(peer: nil, why))
        }
    }

    /// Returns what made an end of it, if that was not us.
    private func accept(from listener: TCPListener, _ receive: (TCPConnection) -> Void) async -> TransportError? {
        do {
            while let connection = try await listener.accept() { receive(connection) }
            return nil
        } catch {
            return Task.isCancelled ? nil : error
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
        let ticket = await lobby.enter(connection, bound: options.maxHandshakes)
        let admission = Admission(lobby, ticket, of: connection, sessions: sessions)
        defer { admission.end() }
        var caller: String?
        do {
            let call = try await shakeHands(connection, admission)
            let record = try home.store.peer(call.peer.peer).orThrow(.peer, "the peer was removed")
            caller = record.name
            let summary = try await serve(record, call, connection, admission)
            report(.transferred(peer: record.name, summary: summary))
            if let pad = summary.pad { tellOfPad(pad.name) }
        } catch {
            await connection.close()
            SessionMetrics.failed(error)
            // Before it proves anything, it may be a recording of who it seems to be.
            guard admission.hasProved || strangers.fail() else { return }
            let peer = admission.hasProved ? caller : nil
            report(.failed(peer: peer, PacketFSError(explaining: error, peer: peer)))
        }
    }

    /// Reports at times, and at the end, how many strangers were not reported.
    private func sumUpStrangers() async {
        var isRunning = true
        while isRunning {
            isRunning = (try? await Task.sleep(for: Strangers.period)) != nil
            let count = strangers.endPeriod()
            guard count > 0 else { continue }
            report(.failed(peer: nil, PacketFSError(.handshake, "\(count) more connections proved nothing")))
        }
    }

    /// Measures what is left of a pad; one that is in use is measured the next time.
    private func tellOfPad(_ name: String) {
        _ = try? home.padInfo(name)
    }

    /// Who called, under which seed.
    private struct Caller: ~Copyable, Sendable {
        let peer: PeerCredentials
        let seed: SeedRecord
        private let outcome: Handshake.Outcome

        init(_ outcome: consuming Handshake.Outcome, among candidates: [UnlockedSeed]) throws {
            let keys = outcome.peer
            peer = keys
            seed = try candidates.first { $0.keys === keys }.orThrow(.internal, "a handshake under no seed").record
            self.outcome = outcome
        }

        consuming func takeChannel() -> OpenedChannel { outcome.takeChannel() }
    }

    private func shakeHands(_ connection: TCPConnection, _ admission: Admission) async throws -> Caller {
        try await Deadline.seconds(options.handshakeTimeout, closing: connection) {
            let call = try await Handshake.call(from: connection)
            guard !answered.contains(call.id) else { throw ChannelError.handshakeFailed }
            let candidates = try home.answerableSeeds()
            let outcome = try await Handshake.respond(
                to: call, over: connection, among: candidates.map(\.keys), padding: options.padding.wire
            ) {
                guard answered.insert(call.id) else { throw ChannelError.handshakeFailed }
            }
            await admission.answered(by: outcome.peer.peer, bound: options.maxHandshakes)
            return try Caller(outcome, among: candidates)
        }
    }

    private func serve(
        _ record: PeerRecord, _ caller: consuming Caller, _ connection: TCPConnection, _ admission: Admission
    ) async throws -> TransferSummary {
        let sides = Sides(home: home, peer: record)
        let seed = caller.seed
        let covering = Covering(home: home, credentials: caller.peer, role: .responder)
        let session = try Session(
            opened: caller.takeChannel(), covering: covering, lane: lanes.lane(of: record.party),
            proved: {
                admission.prove()
                // The peer has this seed now. That is durable before it sees a frame of ours.
                try home.settle(seed)
                guard admission.enter(record.party, bound: record.maxSessions) else { throw AbortReason.busy }
            }, dispatch: { try ResponderSides(sides: sides).side(for: $0, integrity: $1) }, report: { _ in })
        let runner = SessionRunner(
            session: session, connection: connection, noteSilence: admission.note, isRevoked: { home.isRevoked(seed) })
        let alarm = Task {
            try await Task.sleep(for: .seconds(options.handshakeTimeout))
            if !admission.hasProved { await connection.close() }
        }
        defer { alarm.cancel() }
        return try await runner.run()
    }
}
