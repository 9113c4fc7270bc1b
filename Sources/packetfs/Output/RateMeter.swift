/// A smoothed rate out of a counter that is read now and then. Times are seconds on a clock that never goes back.
struct RateMeter {
    /// The older a measurement, the less it counts: after this many seconds, a third of what it did.
    private static let memory = 3.0

    private var last: (bytes: UInt64, time: Double)?
    /// Bytes a second, once two readings are known.
    private(set) var rate: Double?

    /// Takes a reading. Readings less than a tenth of a second apart are put together.
    mutating func read(_ bytes: UInt64, at time: Double) {
        guard let last else {
            last = (bytes, time)
            return
        }
        let elapsed = time - last.time
        guard elapsed >= 0.1 else { return }
        let sample = bytes >= last.bytes ? Double(bytes - last.bytes) / elapsed : 0
        let weight = min(1, elapsed / Self.memory)
        rate = rate.map { $0 + weight * (sample - $0) } ?? sample
        self.last = (bytes, time)
    }

    /// Seconds until `bytes` more have passed, if that can be told.
    func secondsLeft(for bytes: UInt64) -> Double? {
        guard let rate, rate >= 1 else { return nil }
        return Double(bytes) / rate
    }
}
