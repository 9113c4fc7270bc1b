import Glibc

/// What was measured. Rates are bytes for each second of the processor, of all threads, one of each round: the clock tells
/// what else the machine does.
struct Figures: Encodable {
    var copying: [Double] = []
    /// Of the log's bytes.
    var indexing: [Double] = []
    /// Of the new file's bytes.
    var planning: [Double] = []
    /// Of the new file's bytes, rebuilt in memory, tags of leaves included.
    var decoding: [Double] = []
    /// The same, out of a log that is kept in memory.
    var decodingResident: [Double] = []
    /// Of the new file's bytes, rebuilt to a file, learning and commit included.
    var rebuilding: [Double] = []
    /// Of the new file's bytes, written to a file as they are.
    var writing: [Double] = []
    var logBytes: UInt64 = 0
    var indexBytes: UInt64 = 0
    var newBytes = 0
    /// Of the plan's records, as they would be sealed.
    var recordBytes = 0

    /// The rate of work on so many bytes.
    static func rate<Result>(_ bytes: Int, _ work: () throws -> Result) rethrows -> (rate: Double, result: Result) {
        let start = processorSeconds
        let result = try work()
        return (Double(bytes) / (processorSeconds - start), result)
    }

    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
