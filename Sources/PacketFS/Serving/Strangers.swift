import Synchronization

/// Bounds what is reported of connections that proved nothing, whoever makes how many of them.
final class Strangers: Sendable {
    /// What is reported one by one in each period.
    static let bound = 10
    static let period = Duration.seconds(60)

    private let failures = Mutex(0)

    /// Counts a failure. Whether it is to be reported.
    func fail() -> Bool {
        failures.withLock { failures in
            failures += 1
            return failures <= Self.bound
        }
    }

    /// Ends the period. How many failures were not reported in it.
    func endPeriod() -> Int {
        failures.withLock { failures in
            defer { failures = 0 }
            return max(0, failures - Self.bound)
        }
    }
}
