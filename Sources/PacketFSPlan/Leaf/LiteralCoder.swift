internal import CZstd
internal import PacketFSWire

/// Compresses literals. One zstd context and its memory serve all leaves.
final class LiteralCoder {
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

    /// One zstd frame of `bytes` that may look back at `prefix`, or `nil` unless it is shorter than `bound`.
    func compress(
        _ bytes: UnsafeRawBufferPointer, prefix: UnsafeRawBufferPointer?, level: Int, below bound: Int
    ) throws(PlanError) -> [UInt8]? {
        ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters)
        try set(ZSTD_c_compressionLevel, level)
        try set(ZSTD_c_contentSizeFlag, 0)
        let reach = bytes.count + (prefix?.count ?? 0)
        if let prefix, !prefix.isEmpty {
            try set(ZSTD_c_windowLog, Self.windowLog(reach))
            guard ZSTD_isError(ZSTD_CCtx_refPrefix(context, prefix.baseAddress, prefix.count)) == 0 else {
                throw .compression
            }
        } else {
            try set(ZSTD_c_windowLog, Self.windowLog(reach))
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
