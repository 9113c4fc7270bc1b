internal import Glibc

/// The continuous health tests of SP 800-90B §4.4 over samples of one byte, which a source must pass from its first
/// sample to its last before anything of it is used.
///
/// They find a source that broke, not one that is weak: of each sample they ask no more than `entropy` bits. A source
/// that gives as much fails in a sample with a probability of at most `alpha` for each test; one that gives eight bits, as
/// a pad needs, practically never.
struct HealthTests {
    /// Bits of min-entropy for each sample that the cut-offs take as given: H.
    static let entropy = 6.0
    /// Probability of a false alarm: 2^-40.
    static let alpha = -40.0
    /// Samples of a window of the adaptive proportion test, for samples of more than one bit: W.
    static let window = 512
    /// §4.4.1: so many equal samples in a row fail. 1 + ⌈40 / 6⌉ = 8.
    static let repetitionCutoff = 1 + Int((-alpha / entropy).rounded(.up))
    /// §4.4.2: so many samples of a window that equal its first fail.
    static let proportionCutoff = cutoff()

    private var samples: UInt64 = 0
    private var last: UInt8 = 0
    private var repetitions = 0
    private var first: UInt8 = 0
    private var equal = 0
    private var inWindow = 0

    /// Takes the next samples. Throws `unhealthy`; nothing of the source may then be used.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws(PadError) {
        for byte in bytes {
            defer { samples += 1 }
            repetitions = repetitions > 0 && byte == last ? repetitions + 1 : 1
            last = byte
            guard repetitions < Self.repetitionCutoff else { throw .unhealthy(.repetitionCount, sample: samples) }
            if inWindow == 0 {
                first = byte
                equal = 0
            }
            if byte == first { equal += 1 }
            guard equal < Self.proportionCutoff else { throw .unhealthy(.adaptiveProportion, sample: samples) }
            inWindow = (inWindow + 1) % Self.window
        }
    }

    /// 1 + the least count that a window with p = 2^-H exceeds with a probability of at most alpha.
    private static func cutoff() -> Int {
        let p = exp2(-entropy)
        var tail = 0.0
        for count in stride(from: window, through: 0, by: -1) {
            tail += probability(of: count, p)
            if tail > exp2(alpha) { return 1 + count }
        }
        return 1
    }

    /// Binomial: exactly `count` of a window.
    private static func probability(of count: Int, _ p: Double) -> Double {
        let (n, k) = (Double(window), Double(count))
        return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log1p(-p))
    }
}
