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

    /// Connects to a peer and runs one side to its end. A session that reached its greatest age is followed by another
    /// that takes up where it was.
    func session(
        with record: PeerRecord, options: SendOptions, report: @escaping @Sendable (TransferEvent) -> Void,
        _ make: @escaping Sides.Maker
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
        _ make: @escaping Sides.Maker
    ) async throws -> TransferSummary {
        guard let address = record.address else {
            throw PacketFSError(
                .peer, "it is not known where \(record.name) listens",
                hint: "packetfs peer set \(record.name) --address HOST:PORT")
        }
        report(.progress(Progress()))
        let credentials = try credentials(of: record)
        let endpoint = try Endpoint(parsing: address, defaultPort: Self.defaultPort)
        let covering = Covering(
            home: self, credentials: credentials, role: .initiator, protection: options.protection)
        try covering.check()
        let connection = try await TCPConnector.connect(to: endpoint, timeout: options.connectTimeout)
        let suite = try options.suite?.wire ?? CipherSuite(rawValue: record.suite).orThrow(.peer, "unknown suite")
        let outcome = try await Deadline.seconds(options.connectTimeout, closing: connection) {
            try await Handshake.initiate(
                over: connection, credentials: credentials, suite: suite, padding: options.padding.wire)
        }
        let early = outcome.early
        let session = try Session(opened: outcome.takeChannel(), covering: covering, report: report)
        try await session.start(make)
        return try await SessionRunner(session: session, connection: connection, early: early).run()
    }

    /// The port that is meant where none is given.
    public static let defaultPort = 4747
}
