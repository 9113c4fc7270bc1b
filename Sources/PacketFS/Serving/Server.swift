import PacketFSTransport
public import ServiceLifecycle

/// Options of a server.
public struct ServerOptions: Sendable {
    /// Where to listen, as `host:port`.
    public var listen = "[::]:4747"
    /// Sessions at once, of all peers together.
    public var maxConnections = 256
    /// Connections that have proved nothing yet. One more makes the oldest give way of those from where most come.
    public var maxHandshakes = 64
    /// Seconds for a handshake, and then again for the first frame.
    public var handshakeTimeout = 10.0
    /// Seconds that a graceful stop lets transfers finish before it makes them resumable.
    public var stopTimeout = 30.0
    /// Days after which an interrupted transfer can no longer be taken up, and its temporary files are removed.
    public var resumeDays = 14
    /// Whether lengths on the wire are rounded.
    public var padding = PaddingRule.padme

    /// The defaults.
    public init() {}
}

/// What a server tells about itself: sizes and timings only.
public enum ServerEvent: Sendable {
    /// It listens, at this address.
    case listening(String)
    /// A peer's transfer ended.
    case transferred(peer: String, summary: TransferSummary)
    /// What this many interrupted transfers had left, too long ago, was removed.
    case purged(transfers: Int)
    /// A session or a handshake failed.
    case failed(peer: String?, PacketFSError)
}

/// Answers peers until its task is cancelled or it is told to stop gracefully.
public struct Server: Service {
    private let home: Home
    private let options: ServerOptions
    private let report: @Sendable (ServerEvent) -> Void

    /// A server of this home.
    public init(home: Home, options: ServerOptions = ServerOptions(), report: @escaping @Sendable (ServerEvent) -> Void)
    {
        self.home = home
        self.options = options
        self.report = report
    }

    /// Serves. Returns after a graceful stop, once transfers have finished or `stopTimeout` is over; throws if it
    /// cannot listen, or no more.
    public func run() async throws {
        let reception = Reception(home: home, options: options, report: report)
        SessionMetrics.begin()
        do {
            for (peer, error) in try home.makeResident() { report(.failed(peer: peer, error)) }
            try await reception.run()
        } catch let error as TransportError {
            throw PacketFSError(listeningAt: options.listen, error)
        } catch {
            throw PacketFSError(explaining: error)
        }
    }
}

extension PacketFSError {
    /// Nothing can listen there.
    init(listeningAt address: String, _ error: TransportError) {
        let all = "listen at all of them with `--listen '[::]:4747'`"
        switch error {
        case .unknownHost:
            self.init(
                .usage, "the host of '\(address)' is not known", hint: "name an address of this machine, or \(all)")
        case .unreachable:
            self.init(
                .usage, "this machine's system has no addresses such as '\(address)'",
                hint: "where it is without IPv6, `--listen 0.0.0.0:4747` listens at all that it has")
        default: self.init(explaining: error)
        }
    }
}
