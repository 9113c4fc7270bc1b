import PacketFSChannel
import PacketFSPlan
import PacketFSRebuild
import PacketFSStore
import PacketFSTransport
import PacketFSWire

extension Home {
    /// Sends files and folders. A source with a trailing `/` means what is in it, as with rsync.
    public func send(_ sources: [String], to destination: PeerPath, options: SendOptions = SendOptions()) -> Transfer {
        Transfer { report in
            let record = try self.record(named: destination.peer)
            let job = SendJob(sources: sources, destination: destination.path, options: options)
            return try await self.session(with: record, options: options, report: report) { integrity in
                let domain = try self.domain(of: record)
                let planner = TransferPlanner(
                    job: job, domain: domain, own: try domain.openOwn(), tagger: integrity.key(for:))
                return SendingSide(planner)
            }
        }
    }

    /// Fetches files and folders of one peer into a local path.
    public func get(_ sources: [PeerPath], into destination: String, options: SendOptions = SendOptions()) -> Transfer {
        Transfer { report in
            guard let name = sources.first?.peer, sources.allSatisfy({ $0.peer == name }) else {
                throw PacketFSError(.usage, "the sources are to be of one peer")
            }
            let record = try self.record(named: name)
            let path = LocalPath.absolute(destination)
            let request = Request(sources, into: path, options: options)
            return try await self.session(with: record, options: options, report: report) { integrity in
                let desk = ReceivingDesk(
                    domain: try self.domain(of: record), placement: .local(path), tagger: integrity.key(for:))
                return ReceivingSide(desk, request: request)
            }
        }
    }

    /// Connects to a peer and runs one side to its end. A session that reached its greatest age is followed by another
    /// that takes up where it was.
    func session(
        with record: PeerRecord, options: SendOptions, report: @escaping @Sendable (TransferEvent) -> Void,
        _ make: @escaping @Sendable (SessionIntegrity) throws -> any TransferSide
    ) async throws -> TransferSummary {
        do {
            while true {
                do {
                    return try await runSession(with: record, options: options, report: report, make)
                } catch ChannelError.sessionExpired {
                    continue
                }
            }
        } catch {
            throw PacketFSError(explaining: error, peer: record.name)
        }
    }

    private func runSession(
        with record: PeerRecord, options: SendOptions, report: @escaping @Sendable (TransferEvent) -> Void,
        _ make: @escaping @Sendable (SessionIntegrity) throws -> any TransferSide
    ) async throws -> TransferSummary {
        guard let address = record.address else {
            throw PacketFSError(
                .peer, "it is not known where \(record.name) listens",
                hint: "packetfs peer set \(record.name) --address HOST:PORT")
        }
        report(.progress(Progress()))
        let credentials = try credentials(of: record)
        let endpoint = try Endpoint(parsing: address, defaultPort: Self.defaultPort)
        let connection = try await TCPConnector.connect(to: endpoint, timeout: options.connectTimeout)
        let suite = try options.suite?.wire ?? CipherSuite(rawValue: record.suite).orThrow(.peer, "unknown suite")
        let outcome = try await Deadline.seconds(options.connectTimeout, closing: connection) {
            try await Handshake.initiate(
                over: connection, credentials: credentials, suite: suite, padding: options.padding.wire)
        }
        let early = outcome.early
        let session = try Session(opened: outcome.takeChannel(), report: report)
        try await session.start(make)
        return try await SessionRunner(session: session, connection: connection, early: early).run()
    }

    /// The port that is meant where none is given.
    public static let defaultPort = 4747
}
