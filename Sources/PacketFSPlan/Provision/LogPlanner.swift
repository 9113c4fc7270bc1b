package import PacketFSBlob
package import PacketFSWire

/// Plans a transfer that brings extents of our log to its replica (`Specs/blueprint.md` §8.1), record by record.
///
/// Not `Sendable`: one task plans.
package final class LogPlanner {
    /// Bytes of the content stream, and how many of them were planned.
    package let contentLength: UInt64
    package private(set) var contentPlanned: UInt64 = 0

    private let transfer: TransferID
    private let log: Log
    private let tagger: any LeafTagger
    private let coder: LiteralCoder?
    private let leaves: [AddressRange]
    private let buffer = Block(byteCount: Limits.leaf)
    private var next = 0
    private var hasOpened = false

    /// `extents`: ascending, whole in the log.
    package init(
        transfer: TransferID, extents: [Extent], log: Log, tagger: any LeafTagger, compresses: Bool
    ) throws(PlanError) {
        self.transfer = transfer
        self.log = log
        self.tagger = tagger
        coder = compresses ? try LiteralCoder() : nil
        leaves = extents.flatMap { Self.leaves(of: $0.range) }
        contentLength = leaves.reduce(0) { $0 + UInt64($1.length) }
    }

    /// The next record, `nil` once everything is planned.
    package func nextRecord() throws(PlanError) -> DataRecord? {
        guard hasOpened else {
            hasOpened = true
            return .opening(transfer, manifest: 0, content: contentLength)
        }
        guard next < leaves.count else { return nil }
        let range = leaves[next]
        let leaf = LeafID(.content, UInt64(next))
        let target = buffer.prefix(range.length)
        log.read(range, into: target)
        let bytes = UnsafeRawBufferPointer(target)
        let coded =
            Compressibility.looksRandom(bytes)
            ? nil : try coder?.compress(bytes, prefix: nil, level: Self.level, below: bytes.count)
        next += 1
        contentPlanned += UInt64(range.length)
        return .leaf(
            leaf,
            LeafBlueprint(
                descriptors: [.literal(length: range.length)], coding: coded == nil ? .raw : .zstd,
                literals: coded ?? Array(bytes), learnedAt: range.address, tag: tagger.tag(leaf: leaf, bytes: bytes)))
    }

    private static let level = 3

    private static func leaves(of extent: AddressRange) -> [AddressRange] {
        stride(from: 0, to: extent.length, by: Limits.leaf).map { offset in
            AddressRange(
                address: extent.address + UInt64(offset), length: min(Limits.leaf, extent.length - offset))
        }
    }
}
