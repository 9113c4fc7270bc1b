package import PacketFSWire

/// Compresses the columns of records: small, and much alike. Not `Sendable`: one encoder uses it.
package final class BlockCoder {
    private let coder: LiteralCoder

    package init() throws(PlanError) {
        coder = try LiteralCoder()
    }

    /// For `DataRecord.encode`: one zstd frame, or `nil` if that is no shorter.
    package var compressor: BlockCompressor {
        { [coder] raw in
            raw.withUnsafeBytes { bytes in
                try? coder.compress(bytes, prefix: nil, level: bytes.count < 256 << 10 ? 19 : 6, below: bytes.count)
            }
        }
    }
}
