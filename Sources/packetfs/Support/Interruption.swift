import Glibc
import PacketFS
import UnixSignals

/// SIGINT and SIGTERM: the first one asks the work to stop, the second one ends the process at once.
enum Interruption {
    static let signals: [UnixSignal] = [.sigint, .sigterm]

    /// Does the work; `stop` runs once, at the first signal.
    static func guarding<Result: Sendable>(
        _ work: @escaping @Sendable () async throws -> Result,
        stop: @escaping @Sendable () async -> Void
    ) async throws -> Result {
        let received = await UnixSignalsSequence(trapping: signals)
        let watcher = Task {
            var count = 0
            for await _ in received {
                count += 1
                guard count == 1 else { _exit(ExitStatus.code(for: .interrupted)) }
                Task { await stop() }
            }
        }
        defer { watcher.cancel() }
        return try await work()
    }

    /// Does the work in a task of its own, which the first signal cancels.
    static func cancelling<Result: Sendable>(
        _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let task = Task { try await work() }
        return try await guarding({ try await task.value }, stop: { task.cancel() })
    }
}
