package import CoreMetrics
internal import Synchronization

/// Keeps what this process measures, for swift-metrics, and writes it in the text format of Prometheus 0.0.4.
package final class Registry: MetricsFactory {
    /// Series at once; what is made beyond counts for nothing, so that labels from outside cannot fill the memory.
    package static let bound = 4096

    private struct Key: Hashable {
        var name: String
        /// As they are written, sorted by name.
        var labels: String
    }

    private let series = Mutex<[Key: Series]>([:])

    package init() {}

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        find(.counter, label, dimensions)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        find(.counter, label, dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        find(.gauge, label, dimensions)
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        find(aggregate ? .summary : .gauge, label, dimensions)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        find(.summary, label, dimensions)
    }

    // A series lives as long as the registry: it counts for the whole process.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func find(_ kind: Series.Kind, _ label: String, _ dimensions: [(String, String)]) -> Series {
        let key = Key(name: Exposition.name(label), labels: Exposition.labels(dimensions))
        return series.withLock { series in
            if let known = series[key], known.kind == kind { return known }
            let new = Series(kind)
            if series.count < Self.bound, series[key] == nil { series[key] = new }
            return new
        }
    }

    /// All series, sorted by name and labels.
    package var text: String {
        let all = series.withLock { $0 }.sorted { ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels) }
        var text = ""
        var last = ""
        for (key, series) in all {
            if key.name != last { text += "# TYPE \(key.name) \(series.kind.rawValue)\n" }
            last = key.name
            for sample in series.samples {
                text += "\(key.name)\(sample.suffix)\(key.labels) \(Exposition.number(sample.number))\n"
            }
        }
        return text
    }
}

/// Names, labels and numbers as Prometheus reads them.
enum Exposition {
    /// Letters, digits, underscores and colons, not a digit first.
    static func name(_ text: String) -> String {
        let name = String(text.unicodeScalars.map { isAllowed($0) ? Character($0) : "_" })
        return name.first?.isNumber == false ? name : "_" + name
    }

    /// `{a="b",c="d"}`, sorted by name; nothing for none.
    static func labels(_ labels: [(String, String)]) -> String {
        guard !labels.isEmpty else { return "" }
        let parts = labels.map { "\(name($0.0))=\"\(escaped($0.1))\"" }.sorted()
        return "{" + parts.joined(separator: ",") + "}"
    }

    /// Whole numbers without a point.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar == ":" || (scalar.isASCII && scalar.properties.isAlphabetic)
            || ("0"..."9").contains(scalar)
    }
}
