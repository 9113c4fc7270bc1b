internal import PacketFSModel

/// Bits of a leaf's flags; the lowest three are its literal coding, and one is its difference coding.
private enum LeafFlag {
    static let coding: UInt8 = 7
    static let learned: UInt8 = 8
    static let differences: UInt8 = 16
    static let whole: UInt8 = 32
    static let known: UInt8 = 63
}

extension Blueprint {
    /// - Parameter limit: most bytes that it may give.
    fileprivate func check(limit: Int) throws(WireError) {
        guard !descriptors.isEmpty else { throw .inconsistent }
        guard descriptors.count <= Limits.descriptors else { throw .tooLarge }
        var total = 0
        for descriptor in descriptors {
            guard descriptor.length > 0 else { throw .inconsistent }
            guard descriptor.length <= limit - total else { throw .tooLarge }
            total += descriptor.length
            if let source = descriptor.source, !source.isAddressable { throw .tooLarge }
        }
        try checkLiterals()
        try checkContexts()
    }

    private func checkLiterals() throws(WireError) {
        let length = literalLength
        guard literals.count <= Limits.leaf, length <= Limits.leaf else { throw .tooLarge }
        guard coding != .raw || literals.count == length else { throw .inconsistent }
        guard coding == .raw || length > 0, coding == .raw || coding == .modelled || !literals.isEmpty else {
            throw .inconsistent
        }
        guard hasAdds || (differences.isEmpty && differenceCoding == .modelled) else { throw .inconsistent }
        guard differences.count <= Limits.leaf else { throw .tooLarge }
    }

    private func checkContexts() throws(WireError) {
        guard coding.mayHave(contexts: contexts.count) else { throw .inconsistent }
        guard contexts.count <= Limits.contexts else { throw .tooLarge }
        var total = 0
        for context in contexts {
            guard context.length > 0 else { throw .inconsistent }
            guard context.length <= Limits.contextBytes - total, context.isAddressable else { throw .tooLarge }
            total += context.length
        }
    }
}

extension LeafBlueprint {
    fileprivate var flags: UInt8 {
        coding.rawValue | (learnedAt == nil ? 0 : LeafFlag.learned)
            | (differenceCoding == .modelled ? 0 : LeafFlag.differences)
            | (learning == .lacked ? 0 : LeafFlag.whole)
    }

    /// Requires every rule of `Specs/blueprint.md` §5 that needs no knowledge of the blob.
    package func check() throws(WireError) {
        guard tag.count == Limits.tag else { throw .inconsistent }
        try check(limit: Limits.leaf)
        if let learnedAt {
            guard AddressRange(address: learnedAt, length: learnedLength).isAddressable else { throw .tooLarge }
        } else {
            guard learning == .lacked else { throw .inconsistent }
        }
        let packed = packedCount
        guard packed == opened?.packings.count ?? 0, packed > 0 || opened == nil else { throw .inconsistent }
        try opened?.check()
    }
}

extension OpenedBlueprint {
    /// Whether it may be sent.
    package var isWithinLimits: Bool { (try? check()) != nil }

    fileprivate func check() throws(WireError) {
        guard packings.count <= Limits.packed, bases.count <= Limits.packed else { throw .tooLarge }
        try check(limit: Limits.opened)
        guard coding != .zstdPrevious else { throw .inconsistent }
        guard descriptors.allSatisfy({ $0.kind != .held && $0.kind != .packed }) else { throw .inconsistent }
        var (total, blocks, based) = (0, 0, 0)
        for packing in packings {
            guard packing.length > 0, Packing.levels.contains(packing.level), packing.blocks.last?.tokens == 0 else {
                throw .inconsistent
            }
            guard packing.length <= Limits.opened - total else { throw .tooLarge }
            (total, blocks) = (total + packing.length, blocks + packing.blocks.count)
        }
        for base in bases {
            guard base.length > 0 else { throw .inconsistent }
            guard base.length <= Limits.opened - based, base.isAddressable else { throw .tooLarge }
            based += base.length
        }
        guard total == length else { throw .inconsistent }
        guard blocks <= Limits.packedBlocks else { throw .tooLarge }
    }
}

extension ByteWriter {
    /// All of a leaf record but its literals.
    mutating func leafFields(
        _ leaf: LeafID, _ blueprint: LeafBlueprint
    ) throws(WireError) {
        try blueprint.check()
        try self.leaf(leaf)
        raw(blueprint.tag)
        u8(blueprint.flags)
        if let learnedAt = blueprint.learnedAt { varint(learnedAt) }
        described(blueprint)
        if let opened = blueprint.opened { self.opened(opened) }
    }

    private mutating func described(_ blueprint: some Blueprint) {
        if !blueprint.coding.isAuthentic { ranges(blueprint.contexts) }
        count(blueprint.descriptors.count)
        prefixed(LeafColumns.encode(blueprint.descriptors))
        if blueprint.hasAdds { prefixed(blueprint.differences) }
    }

    private mutating func opened(_ opened: OpenedBlueprint) {
        ranges(opened.bases)
        prefixed(PackingColumns.encode(opened.packings))
        u8(opened.coding.rawValue)
        described(opened)
        prefixed(opened.literals)
    }

    private mutating func ranges(_ ranges: [AddressRange]) {
        count(ranges.count)
        var end: UInt64 = 0
        for range in ranges {
            signed(Int64(bitPattern: range.address &- end))
            count(range.length - 1)
            end = range.end
        }
    }
}

extension ByteReader {
    mutating func leafFields(literals: consuming [UInt8]) throws(WireError) -> DataRecord {
        let leaf = try leaf()
        let tag = try bytes(Limits.tag)
        let flags = try u8()
        guard flags & ~LeafFlag.known == 0, let coding = LiteralCoding(rawValue: flags & LeafFlag.coding) else {
            throw .unknown
        }
        let learnedAt = flags & LeafFlag.learned == 0 ? nil : try varint()
        var blueprint = LeafBlueprint(
            descriptors: [], coding: coding, literals: literals,
            differenceCoding: flags & LeafFlag.differences == 0 ? .modelled : .zstd, learnedAt: learnedAt,
            learning: flags & LeafFlag.whole == 0 ? .lacked : .whole, tag: tag)
        (blueprint.contexts, blueprint.descriptors) = try described(coding)
        if blueprint.hasAdds { blueprint.differences = try prefixed(atMost: Limits.leaf) }
        let packed = blueprint.packedCount
        if packed > 0 { blueprint.opened = try opened(count: packed) }
        try blueprint.check()
        return .leaf(leaf, blueprint)
    }

    private mutating func described(
        _ coding: LiteralCoding
    ) throws(WireError) -> (contexts: [AddressRange], descriptors: [Descriptor]) {
        let contexts = coding.isAuthentic ? [] : try ranges(atMost: Limits.contexts, of: Limits.contextBytes)
        let count = try count(atMost: Limits.descriptors)
        let columns = try prefixed(atMost: Limits.leafBlueprint)
        return (contexts, try LeafColumns.decode(columns, count: count))
    }

    private mutating func opened(count: Int) throws(WireError) -> OpenedBlueprint {
        guard count <= Limits.packed else { throw .tooLarge }
        let bases = try ranges(atMost: Limits.packed, of: Limits.opened)
        let packings = try PackingColumns.decode(prefixed(atMost: Limits.leafBlueprint), count: count)
        guard let coding = LiteralCoding(rawValue: try u8()) else { throw .unknown }
        var opened = OpenedBlueprint(bases: bases, packings: packings, descriptors: [], coding: coding, literals: [])
        (opened.contexts, opened.descriptors) = try described(coding)
        if opened.hasAdds { opened.differences = try prefixed(atMost: Limits.leaf) }
        opened.literals = try prefixed(atMost: Limits.leaf)
        return opened
    }

    private mutating func ranges(atMost most: Int, of bytes: Int) throws(WireError) -> [AddressRange] {
        var ranges: [AddressRange] = []
        var end: UInt64 = 0
        for _ in 0..<(try count(atMost: most)) {
            let address = end &+ UInt64(bitPattern: try signed())
            let range = AddressRange(address: address, length: try count(atMost: bytes - 1) + 1)
            guard range.isAddressable else { throw .tooLarge }
            ranges.append(range)
            end = range.end
        }
        return ranges
    }
}
