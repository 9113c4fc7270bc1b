/// A running transfer: iterate over it for progress; it ends with `.finished`, or throws `PacketFSError`.
/// Cancelling the task that iterates stops it and leaves a resumable state.
public struct Transfer: AsyncSequence, Sendable {
    /// What an iteration gives.
    public typealias Element = TransferEvent

    private let events: AsyncThrowingStream<TransferEvent, any Error>

    init(_ work: @escaping @Sendable (@escaping @Sendable (TransferEvent) -> Void) async throws -> TransferSummary) {
        events = AsyncThrowingStream(bufferingPolicy: .unbounded) { continuation in
            let task = Task {
                do {
                    continuation.yield(.finished(try await work { continuation.yield($0) }))
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// Iterates over the events; one iterator at a time.
    public func makeAsyncIterator() -> AsyncThrowingStream<TransferEvent, any Error>.Iterator {
        events.makeAsyncIterator()
    }

    /// Runs to the end and returns what was done.
    public func summary() async throws -> TransferSummary {
        for try await case .finished(let summary) in self { return summary }
        throw PacketFSError(.interrupted, "the transfer was stopped")
    }
}
