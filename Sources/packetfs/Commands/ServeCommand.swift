import ArgumentParser
import Logging
import Metrics
import PacketFS
import PacketFSMetrics
import ServiceLifecycle

struct ServeCommand: PacketCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer peers: take in what they send, hand out what they may get.",
        discussion: """
            Each peer may do what its entry allows, and nothing else. SIGTERM or ctrl-C stops gracefully: transfers \
            may finish for a while, then they are made resumable. The log goes to standard error; it has sizes and \
            timings, no paths and no contents.

            Examples:
              packetfs serve
              packetfs serve --listen 127.0.0.1:4747 --log-level debug
            """
    )

    @Option(help: ArgumentHelp("Where to listen; port 0 takes a free one.", valueName: "host:port"))
    var listen: String?

    @Option(help: ArgumentHelp("Sessions at once, of all peers together.", valueName: "count"))
    var maxConnections: Int?

    @Option(help: ArgumentHelp("Connections at once that have proved nothing yet, beside them.", valueName: "count"))
    var maxHandshakes: Int?

    @Option(help: ArgumentHelp("Seconds for a handshake.", valueName: "seconds"))
    var handshakeTimeout: Double?

    @Option(help: ArgumentHelp("Seconds that a graceful stop lets transfers finish.", valueName: "seconds"))
    var stopTimeout: Double?

    @Option(
        help: ArgumentHelp("Days after which what an interrupted transfer left is removed.", valueName: "days"))
    var resumeDays: Int?

    @Option(help: "Round the bytes that this end sends up, to hide sizes, or count every byte.")
    var padding: PaddingRule?

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    @Option(
        help: ArgumentHelp(
            "Where Prometheus may read counters, at /metrics: an address of loopback. Off by default.",
            valueName: "host:port"))
    var metrics: String?

    @OptionGroup(title: "Memory") var memory: ResidencyFlags
    @OptionGroup(title: "Common options") var common: CommonOptions

    func validate() throws {
        for count in [maxConnections, maxHandshakes].compactMap({ $0 }) where !(1...1_000_000).contains(count) {
            throw ValidationError("A count of connections is 1 to 1000000.")
        }
        for seconds in [handshakeTimeout, stopTimeout].compactMap({ $0 }) where !(0...86_400).contains(seconds) {
            throw ValidationError("A timeout is 0 to 86400 seconds.")
        }
        if let resumeDays, !(1...1_000_000).contains(resumeDays) {
            throw ValidationError("Interrupted transfers are kept for 1 to 1000000 days.")
        }
    }

    func run(in context: CommandContext) async throws {
        ProcessGuard.allowManyFiles()
        let options = options(context.settings)
        let log = ServeLog(logger: try logger(context), output: context.output)
        let server = Server(home: try context.home(memory.residency(context.settings)), options: options) {
            log.report($0)
        }
        var services: [any Service] = [server]
        if let address = metrics ?? context.settings.metrics { services.append(try endpoint(at: address, log)) }
        var configuration = ServiceGroupConfiguration(services: services, logger: log.logger)
        configuration.maximumGracefulShutdownDuration = .seconds(options.stopTimeout + 5)
        let group = ServiceGroup(configuration: configuration)
        do {
            try await Interruption.guarding({ try await group.run() }, stop: { await group.triggerGracefulShutdown() })
        } catch MetricsEndpointError.unavailable {
            throw PacketFSError(
                .connection, "nothing can listen at the address for metrics", hint: "name another one with --metrics")
        }
    }

    /// Options of the library: flags, else settings, else the defaults.
    func options(_ settings: Settings) -> ServerOptions {
        var options = ServerOptions()
        options.listen = listen ?? settings.listen ?? options.listen
        options.maxConnections = maxConnections ?? settings.maxConnections ?? options.maxConnections
        options.maxHandshakes = maxHandshakes ?? settings.maxHandshakes ?? options.maxHandshakes
        options.handshakeTimeout = handshakeTimeout ?? settings.handshakeTimeout ?? options.handshakeTimeout
        options.stopTimeout = stopTimeout ?? settings.stopTimeout ?? options.stopTimeout
        options.resumeDays = resumeDays ?? settings.resumeDays ?? options.resumeDays
        options.padding = padding ?? settings.padding ?? options.padding
        return options
    }

    /// From now on what is measured is kept, and can be read at `address`.
    private func endpoint(at address: String, _ log: ServeLog) throws -> MetricsEndpoint {
        let registry = Registry()
        do {
            let endpoint = try MetricsEndpoint(address: address, registry: registry) { log.measuring(at: $0) }
            MetricsSystem.bootstrap(registry)
            return endpoint
        } catch {
            throw PacketFSError(
                .usage, "metrics cannot be offered at \(address)", hint: "name an address of loopback: 127.0.0.1:9747")
        }
    }

    private func logger(_ context: CommandContext) throws -> Logger {
        let name = logLevel ?? context.settings.logLevel ?? (context.output.isQuiet ? "warning" : "info")
        guard let level = Logger.Level(rawValue: name) else {
            throw PacketFSError(.usage, "there is no log level '\(name)'", hint: "see packetfs serve --help")
        }
        var logger = Logger(label: "packetfs") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }
}
