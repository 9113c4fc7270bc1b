internal import PacketFSBlob
internal import PacketFSModel
internal import PacketFSWire

/// Plans what is packed in a leaf: what its members hold, out of what members of the log hold.
struct OpenedPlanner {
    private static let level = 19
    /// Bytes that a descriptor takes, about.
    private static let descriptorCost = 3

    private let coder: LiteralCoder
    private let differenceEncoder: DifferenceEncoder
    private let literalEncoder: LiteralModelEncoder

    init(_ coder: LiteralCoder, _ differenceEncoder: DifferenceEncoder, _ literalEncoder: LiteralModelEncoder) {
        self.coder = coder
        self.differenceEncoder = differenceEncoder
        self.literalEncoder = literalEncoder
    }

    /// `nil` for no members, and where it would take more than `bytes`, or more than a record has room for.
    func plan(_ members: [PackedMember], saving bytes: Int) throws(PlanError) -> OpenedBlueprint? {
        guard !members.isEmpty else { return nil }
        let content = members.flatMap(\.content)
        let base = members.flatMap(\.baseContent)
        let opened = try content.withRawBytes { content throws(PlanError) in
            try base.withRawBytes { base throws(PlanError) in try plan(members, content, base) }
        }
        guard let opened else { return nil }
        let cost = opened.literals.count + opened.differences.count + opened.descriptors.count * Self.descriptorCost
        return cost < bytes ? opened : nil
    }

    private func plan(
        _ members: [PackedMember], _ content: UnsafeRawBufferPointer, _ base: UnsafeRawBufferPointer
    ) throws(PlanError) -> OpenedBlueprint? {
        let runs = MatchableRuns(acknowledged: RunSet([AddressRange(address: 0, length: base.count)]))
        let covers = CoverSearch(isDeep: true).covers(
            Aligner(base).copies(content), leaf: content, log: base, runs: runs, isHurried: false)
        var builder = StepBuilder(leaf: content)
        builder.build(covers: covers, fresh: .max, log: base)
        var steps = builder.steps
        let differences = steps.takeDifferences(of: content, from: base, differenceEncoder)
        guard steps.count <= Limits.descriptors, steps.literalRanges.reduce(0, { $0 + $1.count }) <= Limits.leaf else {
            return nil
        }
        let coded = try code(content, steps, runs, base)
        let opened = OpenedBlueprint(
            bases: members.map(\.base), packings: members.map(\.packing), descriptors: steps.map(\.descriptor),
            contexts: coded.contexts, coding: coded.coding, literals: coded.bytes, differences: differences)
        return opened.isWithinLimits ? opened : nil
    }

    /// The shortest of the codings.
    private func code(
        _ content: UnsafeRawBufferPointer, _ steps: ContiguousArray<Step>, _ runs: MatchableRuns,
        _ base: UnsafeRawBufferPointer
    ) throws(PlanError) -> (coding: LiteralCoding, contexts: [AddressRange], bytes: [UInt8]) {
        let literals = steps.literalRanges.flatMap { content[$0] }
        guard !literals.isEmpty else { return (.raw, [], []) }
        var runs = runs
        let surroundings = Surroundings(steps.lazy.map(\.descriptor), told: 0) { runs.run(holding: $0) }
        let modelled = surroundings.ranges.flatMap { base[Int($0.address)..<Int($0.end)] }.withUnsafeBytes {
            literalEncoder.encode(content, surroundings.literals, context: $0)
        }
        var picker = ContextPicker(runs: runs)
        picker.takeReplaced(steps, diagonal: nil)
        let contexts = picker.limited()
        let context = contexts.flatMap { base[Int($0.address)..<Int($0.end)] }
        let compressed = try context.withRawBytes { context throws(PlanError) in
            let prefix = context.isEmpty ? nil : LiteralCoder.Prefix(bytes: context, isClose: true)
            return try literals.withRawBytes { literals throws(PlanError) in
                try coder.compress(literals, prefix: prefix, level: Self.level, below: modelled.count)
            }
        }
        guard let compressed else { return (.modelled, [], modelled) }
        return (contexts.isEmpty ? .zstd : .zstdContext, contexts, compressed)
    }
}

extension Array where Element == UInt8 {
    fileprivate func withRawBytes<R>(
        _ body: (UnsafeRawBufferPointer) throws(PlanError) -> R
    ) throws(PlanError) -> R {
        try withUnsafeBufferPointer { bytes throws(PlanError) in try body(UnsafeRawBufferPointer(bytes)) }
    }
}
