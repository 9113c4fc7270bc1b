import PacketFSTransport

/// Bounds work on a connection by time.
enum Deadline {
    /// Closes the connection after `limit` seconds, which makes `body` throw; then throws `timedOut`.
    static func seconds<Result: ~Copyable & Sendable>(
        _ limit: Double, closing connection: any Connection, _ body: () async throws -> Result
    ) async throws -> Result {
        let alarm = Task {
            try await Task.sleep(for: .seconds(limit))
            await connection.close()
        }
        defer { alarm.cancel() }
        do {
            return try await body()
        } catch TransportError.closed where !Task.isCancelled {
            throw TransportError.timedOut
        }
    }
}
