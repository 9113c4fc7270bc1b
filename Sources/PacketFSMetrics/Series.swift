internal import CoreMetrics
internal import Synchronization

/// One series of numbers: a name, its labels, and what was counted or set.
final class Series: Sendable {
    enum Kind: String {
        case counter
        case gauge
        case summary
    }

    private struct Value {
        var sum = 0.0
        var count: UInt64 = 0
    }

    let kind: Kind
    private let value = Mutex(Value())

    init(_ kind: Kind) {
        self.kind = kind
    }

    func add(_ amount: Double) {
        value.withLock { value in
            value.sum += amount
            value.count += 1
        }
    }

    func set(_ amount: Double) {
        value.withLock { $0.sum = amount }
    }

    /// Suffixes of the name, and the numbers behind them.
    var samples: [(suffix: String, number: Double)] {
        let value = value.withLock { $0 }
        return kind == .summary ? [("_sum", value.sum), ("_count", Double(value.count))] : [("", value.sum)]
    }
}

extension Series: CounterHandler, FloatingPointCounterHandler {
    func increment(by amount: Int64) { add(Double(amount)) }
    func increment(by amount: Double) { add(amount) }
    func reset() { set(0.0) }
}

extension Series: MeterHandler {
    func set(_ value: Int64) { set(Double(value)) }
    func decrement(by amount: Double) { add(-amount) }
}

extension Series: RecorderHandler {
    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) { if kind == .summary { add(value) } else { set(value) } }
}

extension Series: TimerHandler {
    /// Timers are shown in seconds.
    func recordNanoseconds(_ duration: Int64) { add(Double(duration) / 1e9) }
}
