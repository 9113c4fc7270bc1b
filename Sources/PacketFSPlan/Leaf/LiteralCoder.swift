internal import CZstd
internal import PacketFSWire

/// Compresses literals. One zstd context and its memory serve all leaves.
final class LiteralCoder {
    /// zstd's tables at its fast levels remember but the last 64 Ki places or so; these a million. Twice the time per
    /// byte, and a third fewer bytes where a prefix of megabytes resembles the literals.
    private static let wideTables = 20
    /// From this level on zstd's own tables are no smaller.
    private static let wideByItself = 5

    private let context: OpaquePointer
    private var output: UnsafeMutableRawBufferPointer

    init() throws(PlanError) {
        guard let context = ZSTD_createCCtx() else { throw .compression }
        self.context = context
        let capacity = ZSTD_compressBound(Limits.leaf)
        output = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        ZSTD_freeCCtx(context)
        output.deallocate()
    }

    /// What literals may look back at.
    struct Prefix {
        var bytes: UnsafeRawBufferPointer
        /// Whether it is worth remembering every place of it: then even its far end is found again.
        var isClose: Bool
    }

    /// One zstd frame of `bytes`, or `nil` unless it is shorter than `bound`.
    func compress(
        _ bytes: UnsafeRawBufferPointer, prefix: Prefix?, level: Int, below bound: Int
    ) throws(PlanError) -> [UInt8]? {
        ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters)
        try set(ZSTD_c_compressionLevel, level)
        try set(ZSTD_c_contentSizeFlag, 0)
        let windowLog = Self.windowLog(bytes.count + (prefix?.bytes.count ?? 0))
        try set(ZSTD_c_windowLog, windowLog)
        if let prefix {
            if prefix.isClose, level < Self.wideByItself {
                try set(ZSTD_c_hashLog, min(windowLog, Self.wideTables))
                try set(ZSTD_c_chainLog, min(windowLog, Self.wideTables))
            }
            guard ZSTD_isError(ZSTD_CCtx_refPrefix(context, prefix.bytes.baseAddress, prefix.bytes.count)) == 0 else {
                throw .compression
            }
        }
        let capacity = min(output.count, max(0, bound - 1))
        let count = ZSTD_compress2(context, output.baseAddress, capacity, bytes.baseAddress, bytes.count)
        // The only failure left is output that does not fit, which is an answer.
        guard ZSTD_isError(count) == 0 else { return nil }
        return [UInt8](UnsafeRawBufferPointer(rebasing: output[..<count]))
    }

    private func set(_ parameter: ZSTD_cParameter, _ value: Int) throws(PlanError) {
        guard ZSTD_isError(ZSTD_CCtx_setParameter(context, parameter, Int32(value))) == 0 else { throw .compression }
    }

    /// The least window that reaches over `bytes`; within what a decoder accepts.
    private static func windowLog(_ bytes: Int) -> Int {
        min(24, max(10, Int.bitWidth - max(1, bytes - 1).leadingZeroBitCount))
    }
}

/// A quick look at whether bytes can be compressed at all.
enum Compressibility {
    private static let samples = 16
    private static let sample = 2048

    /// Whether a sample of the bytes is as evenly distributed as random ones are.
    static func looksRandom(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= samples * sample, let base = bytes.baseAddress else { return false }
        return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { counts in
            counts.initialize(repeating: 0)
            let step = (bytes.count - sample) / (samples - 1)
            for number in 0..<samples {
                let start = base + number * step
                for offset in 0..<sample { counts[Int(ByteCompare.byte(start + offset))] += 1 }
            }
            // The sum of squares is least when all values are equally frequent: then its mean excess over that is
            // (samples x sample) with a deviation of 9%; text and code exceed it many times.
            let total = UInt64(samples * sample)
            let squares = counts.reduce(UInt64(0)) { $0 + UInt64($1) * UInt64($1) }
            return squares * 256 < total * total + total * 256 * 2
        }
    }
}
