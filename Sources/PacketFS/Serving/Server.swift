import PacketFSTransport
public import ServiceLifecycle

/// Options of a server.
public struct ServerOptions: Sendable {
    /// Where to listen, as `host:port`.
    public var listen = "[::]:4747"
    /// Connections at once, of all peers together.
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
    /// cannot listen.
    public func run() async throws {
        let reception = Reception(home: home, options: options, report: report)
        SessionMetrics.begin()
        do {
            for (peer, error) in try home.makeResident() { report(.failed(peer: peer, error)) }
            try await reception.run()
        } catch TransportError.unknownHost {
            throw PacketFSError(
                .usage, "the host of '\(options.listen)' is not known",
                hint: "name an address of this machine, or listen at all of them with `--listen '[::]:4747'`")
        } catch {
            throw PacketFSError(explaining: error)
        }
    }
}
