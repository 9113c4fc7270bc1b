import PacketFS

/// Shows a transfer while it runs: a line on a terminal, or events.
struct TransferFollower {
    private let output: Output
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var line = ProgressLine()

    init(output: Output) {
        self.output = output
        start = clock.now
    }

    /// Follows it to the end. Throws what the transfer throws.
    mutating func follow(_ transfer: Transfer) async throws -> TransferSummary {
        defer { clearLine() }
        for try await event in transfer {
            switch event {
            case .progress(let progress): show(progress)
            case .warning(let warning): show(warning)
            case .finished(let summary): return summary
            }
        }
        return try await transfer.end()
    }

    private mutating func show(_ progress: Progress) {
        if output.isJSON, !output.isQuiet { output.event(ProgressEvent(progress)) }
        guard output.showsProgressLine else { return }
        let seconds = (clock.now - start) / .seconds(1)
        output.error.writeRaw(line.draw(progress, at: seconds))
    }

    private mutating func show(_ warning: TransferWarning) {
        output.event(WarningEvent(warning))
        clearLine()
        if !output.isJSON {
            output.error.write(warning.text)
        }
    }

    private mutating func clearLine() {
        if output.showsProgressLine { output.error.writeRaw(line.clear()) }
    }
}

extension TransferWarning {
    /// For people: the destination itself has no path beneath it.
    var text: String { "packetfs: warning: \(path.isEmpty ? "." : path.printable): \(reason.printable)" }
}
