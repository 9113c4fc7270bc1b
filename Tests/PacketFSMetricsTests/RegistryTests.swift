import CoreMetrics
import Testing

@testable import PacketFSMetrics

@Suite struct RegistryTests {
    private let registry = Registry()

    @Test func everythingIsWrittenByNameAndLabels() {
        let done = registry.makeCounter(label: "sessions_total", dimensions: [("result", "done")])
        done.increment(by: 2)
        registry.makeCounter(label: "sessions_total", dimensions: [("result", "done")]).increment(by: 40)
        registry.makeCounter(label: "sessions_total", dimensions: []).increment(by: 7)
        registry.makeMeter(label: "ratio", dimensions: []).set(0.25)
        registry.makeMeter(label: "left", dimensions: [("b", "2"), ("a", "1")]).set(Int64(1) << 40)
        registry.makeTimer(label: "seconds", dimensions: []).recordNanoseconds(1_500_000_000)
        registry.makeTimer(label: "seconds", dimensions: []).recordNanoseconds(500_000_000)
        #expect(
            registry.text == """
                # TYPE left gauge
                left{a="1",b="2"} 1099511627776
                # TYPE ratio gauge
                ratio 0.25
                # TYPE seconds summary
                seconds_sum 2
                seconds_count 2
                # TYPE sessions_total counter
                sessions_total 7
                sessions_total{result="done"} 42

                """)
    }

    @Test func recordersKeepTheLastOrTheSum() {
        let last = registry.makeRecorder(label: "last", dimensions: [], aggregate: false)
        let sum = registry.makeRecorder(label: "sum", dimensions: [], aggregate: true)
        for value in [3, 4] as [Int64] {
            last.record(value)
            sum.record(value)
        }
        #expect(registry.text.contains("last 4\n"))
        #expect(registry.text.contains("sum_sum 7\nsum_count 2\n"))
    }

    /// Whoever names a pad or a label cannot write lines of his own.
    @Test func namesAndLabelsCannotBreakOut() {
        registry.makeMeter(label: "9 bad\nname", dimensions: [("l}", "a\"b\\c\nd 1\n")]).set(Int64(1))
        #expect(registry.text == "# TYPE _9_bad_name gauge\n_9_bad_name{l_=\"a\\\"b\\\\c\\nd 1\\n\"} 1\n")
    }

    @Test func theNumberOfSeriesIsBounded() {
        for number in 0..<Registry.bound + 100 {
            registry.makeCounter(label: "c", dimensions: [("n", "\(number)")]).increment(by: 1)
        }
        #expect(registry.text.split(separator: "\n").count == Registry.bound + 1)
    }

    @Test(arguments: [
        (Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (1.5, "1.5"), (-3, "-3"), (1e300, "1e+300"),
    ])
    func numbers(_ value: Double, _ text: String) {
        #expect(Exposition.number(value) == text)
    }
}
