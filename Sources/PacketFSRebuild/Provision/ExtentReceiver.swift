package import PacketFSBlob
package import PacketFSWire

/// Takes the extents that a provisioning transfer brings to the replica (`Specs/blueprint.md` §8.1). No file is touched.
package final class ExtentReceiver {
    private let transfer: TransferID
    private let tagger: any LeafTagger
    private let decoder: LeafDecoder
    private var learner: Learner
    private var nextLeaf: UInt64 = 0

    /// Bytes announced (`nil` before the opening), and those that are in the log.
    package private(set) var announced: UInt64?
    package private(set) var verified: UInt64 = 0

    package init(
        transfer: TransferID, learning: ExtentBuilder, tagger: any LeafTagger, gate: any WriteGate = OpenGate()
    ) throws(RebuildError) {
        self.transfer = transfer
        self.tagger = tagger
        decoder = try LeafDecoder(replica: nil, runs: RunSet([]))
        learner = Learner(learning, gate: gate)
    }

    /// Whether everything that was announced has come.
    package var isComplete: Bool { announced == verified }

    /// Takes the next record. Throws `outOfOrder`, `wrongLength` or `badLiterals` for what no sender may send,
    /// `outOfBounds` for addresses that are not free, `integrity` for a leaf whose tag does not hold.
    package func record(_ record: DataRecord) throws(RebuildError) {
        switch record {
        case .opening(let transfer, manifest: 0, let content):
            guard announced == nil, transfer == self.transfer else { throw .outOfOrder }
            guard content <= Limits.stream else { throw .wrongLength }
            announced = content
        case .leaf(let id, let blueprint):
            guard announced != nil, id == LeafID(.content, nextLeaf) else { throw .outOfOrder }
            try take(id, blueprint)
        case .opening, .origins, .more:
            throw .outOfOrder
        }
    }

    /// Makes everything durable and returns its extents, ascending.
    package func finish() throws(RebuildError) -> [Extent] {
        guard isComplete else { throw .outOfOrder }
        return try learner.finish()
    }

    private func take(_ id: LeafID, _ blueprint: LeafBlueprint) throws(RebuildError) {
        guard let address = blueprint.learnedAt, blueprint.descriptors.count == 1,
            case .literal(let length)? = blueprint.descriptors.first, length > 0, length <= Limits.leaf,
            UInt64(length) <= (announced ?? 0) - verified
        else { throw .wrongLength }
        guard blueprint.coding == .raw || blueprint.coding == .zstd else { throw .badLiterals }
        try decoder.decode(blueprint, of: .content, length: length, held: { _, _ in [] }) {
            leaf throws(RebuildError) in
            guard tagger.tag(leaf: id, bytes: leaf.bytes) == blueprint.tag else { throw .integrity }
            try learner.reserve(AddressRange(address: address, length: length))
            try learner.learn(
                verified: leaf.bytes, descriptors: blueprint.descriptors, blueprint.learning, at: address,
                literalsLearned: false)
        }
        nextLeaf += 1
        verified += UInt64(length)
    }
}
