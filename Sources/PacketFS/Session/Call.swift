import PacketFSChannel
import PacketFSStore
import PacketFSTransport

/// A connection to a peer, and a handshake under the newest seed that both ends have.
struct Call: Sendable {
    /// A handshake that succeeded.
    struct Answered: ~Copyable, Sendable {
        let connection: TCPConnection
        let seed: SeedRecord
        let credentials: PeerCredentials
        let early: [UInt8]
        private let outcome: Handshake.Outcome

        fileprivate init(connection: TCPConnection, seed: UnlockedSeed, outcome: consuming Handshake.Outcome) {
            self.connection = connection
            self.seed = seed.record
            credentials = seed.keys
            early = outcome.early
            self.outcome = outcome
        }

        consuming func takeChannel() -> OpenedChannel { outcome.takeChannel() }
    }

    let home: Home
    let endpoint: Endpoint
    let suite: CipherSuite
    let options: SendOptions

    /// `seeds`: newest first, and at least one. During a rotation the peer may lack the newer ones, which it does not
    /// say: it closes the connection.
    func place(trying seeds: [UnlockedSeed]) async throws -> Answered {
        for seed in seeds.dropLast() {
            do {
                return try await attempt(seed)
            } catch  where Self.isRefusal(error) {
                continue
            }
        }
        guard let oldest = seeds.last else { throw ChannelError.unknownPeer }
        return try await attempt(oldest)
    }

    private func attempt(_ seed: UnlockedSeed) async throws -> Answered {
        let connection = try await TCPConnector.connect(to: endpoint, timeout: options.connectTimeout)
        let outcome = try await Deadline.seconds(options.connectTimeout, closing: connection) {
            try await Handshake.initiate(
                over: connection, credentials: seed.keys, suite: suite, padding: options.padding.wire)
        }
        do {
            try home.offer(seed.record)
        } catch {
            await connection.close()
            throw error
        }
        return Answered(connection: connection, seed: seed, outcome: outcome)
    }

    private static func isRefusal(_ error: any Error) -> Bool {
        switch error {
        case is ChannelError: true
        case TransportError.reset, TransportError.closed: true
        default: false
        }
    }
}
