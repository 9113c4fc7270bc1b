/// What was measured. Rates are bytes a second, one of each round.
struct Figures: Encodable {
    var copying: [Double] = []
    /// Of the log's bytes.
    var indexing: [Double] = []
    /// Of the new file's bytes.
    var planning: [Double] = []
    /// Of the new file's bytes, rebuilt in memory, tags of leaves included.
    var decoding: [Double] = []
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
        let start = ContinuousClock.now
        let result = try work()
        let taken = (ContinuousClock.now - start).components
        return (Double(bytes) / (Double(taken.seconds) + Double(taken.attoseconds) * 1e-18), result)
    }
}
