import PacketFSChannel
import PacketFSStore
import PacketFSTransport

extension Home {
    /// Sends files and folders. A source with a trailing `/` means what is in it, as with rsync.
    public func send(_ sources: [String], to destination: PeerPath, options: SendOptions = SendOptions()) -> Transfer {
        Transfer { report in
            let (peer, side) = try self.sender(of: sources, to: destination, options: options)
            return try await self.session(with: peer, options: options, report: report, side)
        }
    }

    /// Fetches files and folders of one peer into a local path.
    public func get(_ sources: [PeerPath], into destination: String, options: SendOptions = SendOptions()) -> Transfer {
        Transfer { report in
            let (peer, side) = try self.getter(of: sources, into: destination, options: options)
            return try await self.session(with: peer, options: options, report: report, side)
        }
    }

    /// Connects to a peer and runs one side to its end. A session that reached its greatest age is followed by another.
    ///
    /// - Parameter resumes: whether the other takes up where the one was; else it would come no further.
    func session(
        with record: PeerRecord, options: SendOptions, resumes: Bool = true,
        report: @escaping @Sendable (TransferEvent) -> Void, _ make: @escaping Sides.Maker
    ) async throws -> TransferSummary {
        do {
            while true {
                do {
                    return try await runSession(with: record, options: options, report: report, make)
                } catch ChannelError.sessionExpired where resumes {
                    continue
                }
            }
        } catch {
            SessionMetrics.failed(error)
            throw PacketFSError(explaining: error, peer: record.name, address: record.address)
        }
    }

    private func runSession(
        with record: PeerRecord, options: SendOptions, report: @escaping @Sendable (TransferEvent) -> Void,
        _ make: @escaping Sides.Maker
    ) async throws -> TransferSummary {
        guard let address = record.address else {
            throw PacketFSError(
                .peer, "it is not known where \(record.name) listens",
                hint: "packetfs peer set \(record.name) --address HOST:PORT")
        }
        report(.progress(Progress()))
        guard let endpoint = try? Endpoint(reaching: address) else {
            throw PacketFSError(
                .peer, "'\(address)', where \(record.name) is to listen, is no address",
                hint: "packetfs peer set \(record.name) --address HOST:PORT")
        }
        try Covering.check(options.protection, in: self)
        let suite = try options.suite?.wire ?? CipherSuite(rawValue: record.suite).orThrow(.peer, "unknown suite")
        let call = Call(home: self, endpoint: endpoint, suite: suite, options: options)
        let answered = try await call.place(trying: unlockedSeeds(of: record))
        let (connection, seed, early) = (answered.connection, answered.seed, answered.early)
        let covering = Covering(
            home: self, credentials: answered.credentials, role: .initiator, protection: options.protection)
        let session = try Session(opened: answered.takeChannel(), covering: covering, report: report)
        try await session.start(make)
        let runner = SessionRunner(session: session, connection: connection, early: early) {
            self.isRevoked(seed)
        }
        let summary = try await runner.run()
        // What was transferred stays transferred; the next session settles what this one could not.
        try? settle(seed)
        return summary
    }

    /// The port that is meant where none is given.
    public static let defaultPort = 4747
}

extension Endpoint {
    /// Where a peer listens. Throws `invalidAddress`.
    init(reaching address: String) throws(TransportError) {
        try self.init(parsing: address, defaultPort: Home.defaultPort)
        guard port > 0 else { throw .invalidAddress }
    }
}
