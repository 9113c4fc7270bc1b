import CZstd

/// zstd as a sender uses it.
enum TestZstd {
    static func compress(_ bytes: [UInt8], prefix: [UInt8] = [], windowLog: Int32 = 23, names size: Bool = true)
        -> [UInt8]
    {
        let context = ZSTD_createCCtx()
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, windowLog)
        ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, size ? 1 : 0)
        var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let count = prefix.withUnsafeBytes { prefix in
            ZSTD_CCtx_refPrefix(context, prefix.baseAddress, prefix.count)
            return bytes.withUnsafeBytes { bytes in
                output.withUnsafeMutableBytes { output in
                    ZSTD_compress2(context, output.baseAddress, output.count, bytes.baseAddress, bytes.count)
                }
            }
        }
        return Array(output.prefix(count))
    }
}
