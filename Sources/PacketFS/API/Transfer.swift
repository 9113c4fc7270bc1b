/// A running transfer: iterate over it for progress; it ends with `.finished`, or throws `PacketFSError`.
/// Cancelling the task that iterates stops it and leaves a resumable state.
public struct Transfer: AsyncSequence, Sendable {
    /// What an iteration gives.
    public typealias Element = TransferEvent

    private let events: AsyncThrowingStream<TransferEvent, any Error>
    private let task: Task<TransferSummary, any Error>

    init(_ work: @escaping @Sendable (@escaping @Sendable (TransferEvent) -> Void) async throws -> TransferSummary) {
        let (events, continuation) = AsyncThrowingStream<TransferEvent, any Error>.makeStream()
        let task = Task {
            do {
                let summary = try await work { continuation.yield($0) }
                continuation.yield(.finished(summary))
                continuation.finish()
                return summary
            } catch {
                continuation.finish(throwing: error)
                throw error
            }
        }
        continuation.onTermination = { _ in task.cancel() }
        (self.events, self.task) = (events, task)
    }

    /// Iterates over the events; one iterator at a time.
    public func makeAsyncIterator() -> AsyncThrowingStream<TransferEvent, any Error>.Iterator {
        events.makeAsyncIterator()
    }

    /// Runs to the end and returns what was done.
    public func summary() async throws -> TransferSummary {
        for try await case .finished(let summary) in self { return summary }
        return try await end()
    }

    /// Waits for the end of what was stopped: how it ended, the iteration that was cancelled cannot say.
    package func end() async throws -> TransferSummary {
        try await task.value
    }
}
