/// The column of modification times (`Specs/blueprint.md` §6.3): runs of equal times, each as the difference of its
/// seconds from the run before.
private enum TimeFlag {
    static let hasRun: UInt64 = 1
    static let hasNanoseconds: UInt64 = 2
    static let bits: UInt64 = 2
}

private let nanosecondsPerSecond: UInt32 = 1_000_000_000

extension FileTime {
    func check() throws(WireError) {
        guard nanoseconds < nanosecondsPerSecond else { throw .inconsistent }
        guard (-Limits.seconds...Limits.seconds).contains(seconds) else { throw .tooLarge }
    }
}

struct TimeWriter {
    private var writer = ByteWriter()
    private var time = FileTime(seconds: 0, nanoseconds: 0)
    private var base: Int64 = 0
    private var length = 0

    mutating func add(_ time: FileTime) throws(WireError) {
        if length > 0, time == self.time {
            length += 1
        } else {
            try time.check()
            flush()
            self.time = time
            length = 1
        }
    }

    private mutating func flush() {
        guard length > 0 else { return }
        var token = (time.seconds - base).zigzag << TimeFlag.bits
        if length > 1 { token |= TimeFlag.hasRun }
        if time.nanoseconds > 0 { token |= TimeFlag.hasNanoseconds }
        writer.varint(token)
        if time.nanoseconds > 0 { writer.integer(time.nanoseconds) }
        if length > 1 { writer.count(length - 2) }
        base = time.seconds
    }

    mutating func finish() -> [UInt8] {
        flush()
        length = 0
        return writer.bytes
    }
}

extension ByteReader {
    /// Reads times that cover exactly `count` entries.
    mutating func times(
        of count: Int, _ body: (_ time: FileTime, _ run: Int) throws(WireError) -> Void
    ) throws(WireError) {
        var left = count
        var previous: FileTime?
        while left > 0 {
            let token = try varint()
            let difference = Int64(zigzag: token >> TimeFlag.bits)
            // Both are within 2^61, so the sum does not overflow.
            let seconds = (previous?.seconds ?? 0) + difference
            let time = FileTime(seconds: seconds, nanoseconds: try nanoseconds(token))
            try time.check()
            guard time != previous else { throw .inconsistent }
            let run = token & TimeFlag.hasRun == 0 ? 1 : try runLength(atMost: left)
            try body(time, run)
            previous = time
            left -= run
        }
    }

    private mutating func nanoseconds(_ token: UInt64) throws(WireError) -> UInt32 {
        guard token & TimeFlag.hasNanoseconds != 0 else { return 0 }
        let nanoseconds = try integer(UInt32.self)
        guard nanoseconds > 0 else { throw .inconsistent }
        return nanoseconds
    }

    private mutating func runLength(atMost left: Int) throws(WireError) -> Int {
        guard left >= 2 else { throw .tooLarge }
        return try count(atMost: left - 2) + 2
    }
}
