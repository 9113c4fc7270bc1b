/// Bits of a leaf's flags; the lowest three are its literal coding.
private enum LeafFlag {
    static let coding: UInt8 = 7
    static let learned: UInt8 = 8
    static let known: UInt8 = 15
}

extension LeafBlueprint {
    /// Requires every rule of `Specs/blueprint.md` §5 that needs no knowledge of the blob.
    package func check() throws(WireError) {
        guard tag.count == Limits.tag, !descriptors.isEmpty else { throw .inconsistent }
        guard descriptors.count <= Limits.descriptors else { throw .tooLarge }
        var total = 0
        for descriptor in descriptors {
            guard descriptor.length > 0 else { throw .inconsistent }
            guard descriptor.length <= Limits.leaf - total else { throw .tooLarge }
            total += descriptor.length
            if let source = descriptor.source, !source.isAddressable { throw .tooLarge }
        }
        try checkLiterals()
        try checkContexts()
        if let learnedAt {
            guard AddressRange(address: learnedAt, length: learnedLength).isAddressable else { throw .tooLarge }
        }
    }

    private func checkLiterals() throws(WireError) {
        let length = literalLength
        guard literals.count <= Limits.leaf else { throw .tooLarge }
        guard coding != .raw || literals.count == length else { throw .inconsistent }
        guard coding == .raw || length > 0, coding == .raw || coding == .modelled || !literals.isEmpty else {
            throw .inconsistent
        }
        guard differences.isEmpty || hasAdds else { throw .inconsistent }
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

extension ByteWriter {
    /// All of a leaf record but its literals.
    mutating func leafFields(
        _ leaf: LeafID, _ blueprint: LeafBlueprint
    ) throws(WireError) {
        try blueprint.check()
        try self.leaf(leaf)
        raw(blueprint.tag)
        u8(blueprint.coding.rawValue | (blueprint.learnedAt == nil ? 0 : LeafFlag.learned))
        if let learnedAt = blueprint.learnedAt { varint(learnedAt) }
        if !blueprint.coding.isAuthentic { contexts(blueprint.contexts) }
        count(blueprint.descriptors.count)
        prefixed(LeafColumns.encode(blueprint.descriptors))
        if blueprint.hasAdds { prefixed(blueprint.differences) }
    }

    private mutating func contexts(_ contexts: [AddressRange]) {
        count(contexts.count)
        var end: UInt64 = 0
        for context in contexts {
            signed(Int64(bitPattern: context.address &- end))
            count(context.length - 1)
            end = context.end
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
        let contexts = coding.isAuthentic ? [] : try contexts()
        let count = try count(atMost: Limits.descriptors)
        let columns = try prefixed(atMost: Limits.leafBlueprint)
        var blueprint = LeafBlueprint(
            descriptors: try LeafColumns.decode(columns, count: count), contexts: contexts, coding: coding,
            literals: literals, learnedAt: learnedAt, tag: tag)
        if blueprint.hasAdds { blueprint.differences = try prefixed(atMost: Limits.leaf) }
        try blueprint.check()
        return .leaf(leaf, blueprint)
    }

    private mutating func contexts() throws(WireError) -> [AddressRange] {
        var contexts: [AddressRange] = []
        var end: UInt64 = 0
        for _ in 0..<(try count(atMost: Limits.contexts)) {
            let address = end &+ UInt64(bitPattern: try signed())
            let context = AddressRange(address: address, length: try count(atMost: Limits.contextBytes - 1) + 1)
            guard context.isAddressable else { throw .tooLarge }
            contexts.append(context)
            end = context.end
        }
        return contexts
    }
}
