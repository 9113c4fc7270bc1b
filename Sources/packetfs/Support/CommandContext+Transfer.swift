import PacketFS

extension CommandContext {
    /// Follows a transfer to its end and tells what it did. The first ctrl-C stops it and says how to go on.
    func follow(_ transfer: Transfer, verb: String, isDryRun: Bool = false) async throws {
        do {
            let output = output
            let summary = try await Interruption.cancelling {
                var follower = TransferFollower(output: output)
                return try await follower.follow(transfer)
            }
            try tell(summary, verb: verb, isDryRun: isDryRun)
        } catch let error where Self.isInterruption(error) {
            throw PacketFSError(
                .interrupted, "interrupted; what was verified is kept",
                hint: (error as? PacketFSError)?.hint ?? "run the same command again to resume"
            )
        }
    }

    private func tell(_ summary: TransferSummary, verb: String, isDryRun: Bool) throws {
        for change in summary.changes {
            output.event(ChangeEvent(change))
            if !output.isJSON { output.output.write("\(change.kind.rawValue) \(change.path.printable)") }
        }
        output.event(SummaryEvent("finished", summary))
        SummaryText.lines(summary, verb: isDryRun ? "would have " + verb : verb).forEach(output.remark)
        for digest in summary.digests where !output.isJSON {
            output.output.write("\(digest.sha256)  \(digest.text.printable)")
        }
        guard summary.warnings.isEmpty else {
            throw PacketFSError(.partial, SummaryText.partial(summary))
        }
    }

    private static func isInterruption(_ error: any Error) -> Bool {
        error is CancellationError || (error as? PacketFSError)?.code == .interrupted
    }
}
