import PacketFSModel
package import PacketFSWire

extension SeededRandom {
    package mutating func range(upTo bound: Int) -> AddressRange {
        AddressRange(address: number(below: Limits.address - UInt64(bound)), length: 1 + number(below: bound))
    }

    package mutating func descriptor(upTo bound: Int) -> Descriptor {
        let length = 1 + number(below: bound)
        switch next() % 6 {
        case 5: return .packed(length: length)
        case 4: return .add(address: number(below: Limits.address - UInt64(bound)), length: length)
        case 0: return .copy(address: number(below: Limits.address - UInt64(bound)), length: length)
        case 1: return .fill(byte: UInt8(truncatingIfNeeded: next()), length: length)
        case 2: return .literal(length: length)
        default: return .held(length: length)
        }
    }

    package mutating func blueprint(descriptors count: Int, upTo bound: Int = 300) -> LeafBlueprint {
        let descriptors = (0..<max(1, count)).map { _ in descriptor(upTo: bound) }
        var blueprint = LeafBlueprint(descriptors: descriptors, coding: .raw, literals: [], tag: bytes(Limits.tag))
        let length = blueprint.literalLength
        let coding = LiteralCoding.allCases[number(below: LiteralCoding.allCases.count)]
        blueprint.coding = length > 0 ? coding : .raw
        blueprint.literals = blueprint.coding == .raw ? bytes(length) : bytes(1 + number(below: length))
        if !blueprint.coding.isAuthentic {
            blueprint.contexts = (0...number(below: 5)).map { _ in range(upTo: 9999) }
        }
        if blueprint.hasAdds {
            blueprint.differences = bytes(number(below: 100))
            blueprint.differenceCoding = flag() ? .modelled : .zstd
        }
        let packed = blueprint.packedCount
        blueprint.opened = packed > 0 ? opened(packed) : nil
        blueprint.learnedAt = flag() ? number(below: Limits.address >> 1) : nil
        return blueprint
    }

    /// What so many packed descriptors are packed from.
    package mutating func opened(_ count: Int) -> OpenedBlueprint {
        let packings = (0..<count).map { _ in
            let blocks = (0...number(below: 3)).map { _ in Packing.Block(isFixed: flag(), tokens: number(below: 200)) }
            let last = Packing.Block(isFixed: flag(), tokens: 0)
            return Packing(length: 1 + number(below: 900), level: 4 + number(below: 6), blocks: blocks + [last])
        }
        let length = packings.reduce(0) { $0 + $1.length }
        var opened = OpenedBlueprint(
            bases: [range(upTo: 500)], packings: packings, descriptors: [.literal(length: length)], coding: .raw,
            literals: bytes(length))
        switch number(below: 3) {
        case 0: break
        case 1: (opened.coding, opened.literals) = (.modelled, bytes(40))
        default:
            opened.descriptors = [.add(address: number(below: 90), length: length)]
            (opened.literals, opened.differences) = ([], bytes(30))
        }
        return opened
    }

    package mutating func origins(_ count: Int) -> [Origin] {
        let versions: [TransferID] = (0..<3).map { _ in identifier() }
        var origin = Origin.sent
        return (0..<count).map { _ in
            if oneIn(4) { origin = oneIn(3) ? .sent : .kept(versions[number(below: 3)]) }
            return origin
        }
    }

    package mutating func dataRecord(items: Int) -> DataRecord {
        switch next() % 4 {
        case 0: .opening(identifier(), manifest: number(below: 1 << 27), content: number(below: Limits.stream))
        case 1: .leaf(leaf(), blueprint(descriptors: number(below: items)))
        case 2: .origins(origins(number(below: items)))
        default: .more(content: number(below: Limits.stream))
        }
    }
}
