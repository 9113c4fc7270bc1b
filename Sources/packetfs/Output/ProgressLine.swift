import PacketFS

/// The line that shows a running transfer on a terminal; it is drawn over and over in place.
struct ProgressLine {
    private static let width = 79
    private var meter = RateMeter()
    private var drawn = 0

    /// What draws the line anew.
    mutating func draw(_ progress: Progress, at time: Double) -> String {
        meter.read(progress.bytesDone, at: time)
        let line = String(text(progress).prefix(Self.width))
        let rest = String(repeating: " ", count: max(0, drawn - line.count))
        drawn = line.count
        return "\r" + line + rest
    }

    /// What removes the line, so that other text can take its place.
    mutating func clear() -> String {
        guard drawn > 0 else { return "" }
        defer { drawn = 0 }
        return "\r" + String(repeating: " ", count: drawn) + "\r"
    }

    /// Phase, bytes, rate, wire ratio, time left: what is known of them.
    func text(_ progress: Progress) -> String {
        guard progress.bytesDone > 0 || progress.bytesTotal > 0 else { return progress.phase.rawValue }
        var parts = [progress.phase.rawValue, bytes(progress)]
        if let rate = meter.rate { parts.append(ByteCount.text(UInt64(min(rate, 1e15))) + "/s") }
        parts.append("wire " + ByteCount.ratio(progress.wireSent + progress.wireReceived, of: progress.bytesDone))
        if progress.leavesRepaired > 0 { parts.append("\(progress.leavesRepaired) repaired") }
        let left = progress.bytesTotal - min(progress.bytesDone, progress.bytesTotal)
        if left > 0, let seconds = meter.secondsLeft(for: left) { parts.append(ByteCount.time(seconds) + " left") }
        return parts.joined(separator: "  ")
    }

    private func bytes(_ progress: Progress) -> String {
        let done = ByteCount.text(progress.bytesDone)
        return progress.bytesTotal > 0 ? "\(done) of \(ByteCount.text(progress.bytesTotal))" : done
    }
}
