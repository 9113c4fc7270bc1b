import PacketFSWire

/// Compresses the columns of descriptors and origins, for `DataRecord.encode`.
package final class BlockEncoder {
    private static let level = 9

    private let coder: LiteralCoder

    package init() throws(PlanError) {
        coder = try LiteralCoder()
    }

    /// A zstd frame shorter than `raw`, or `nil`.
    package func compress(_ raw: [UInt8]) -> [UInt8]? {
        try? raw.withUnsafeBytes { try coder.compress($0, prefix: nil, level: Self.level, below: raw.count) }
    }
}
