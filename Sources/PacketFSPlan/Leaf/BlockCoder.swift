package import PacketFSWire

/// Compresses the columns of records, which are small and much alike, and the parts of repairs. Not `Sendable`: one encoder uses it.
package final class BlockCoder {
    private let coder: LiteralCoder

    package init() throws(PlanError) {
        coder = try LiteralCoder()
    }

    /// For `DataRecord.encode`: one zstd frame, or `nil` if that is no shorter.
    package var compressor: BlockCompressor {
        { [coder] in Self.compress($0, coder, level: $0.count < 256 << 10 ? 19 : 6) }
    }

    /// For `RepairMessage.encode`: of parts there may be as many as of contents.
    package var partCompressor: BlockCompressor {
        { [coder] in Self.compress($0, coder, level: 9) }
    }

    private static func compress(_ raw: [UInt8], _ coder: LiteralCoder, level: Int) -> [UInt8]? {
        raw.withUnsafeBytes { try? coder.compress($0, prefix: nil, level: level, below: $0.count) }
    }
}
