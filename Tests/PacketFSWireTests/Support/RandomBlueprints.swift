import PacketFSTestKit
import PacketFSWire

extension SeededRandom {
    mutating func range(upTo bound: Int) -> AddressRange {
        AddressRange(address: number(below: Limits.address - UInt64(bound)), length: 1 + number(below: bound))
    }

    mutating func descriptor(upTo bound: Int) -> Descriptor {
        let length = 1 + number(below: bound)
        switch next() % 5 {
        case 4: return .add(address: number(below: Limits.address - UInt64(bound)), length: length)
        case 0: return .copy(address: number(below: Limits.address - UInt64(bound)), length: length)
        case 1: return .fill(byte: UInt8(truncatingIfNeeded: next()), length: length)
        case 2: return .literal(length: length)
        default: return .held(length: length)
        }
    }

    mutating func blueprint(descriptors count: Int, upTo bound: Int = 300) -> LeafBlueprint {
        let descriptors = (0..<max(1, count)).map { _ in descriptor(upTo: bound) }
        var blueprint = LeafBlueprint(descriptors: descriptors, coding: .raw, literals: [], tag: bytes(Limits.tag))
        let length = blueprint.literalLength
        let coding = LiteralCoding.allCases[number(below: LiteralCoding.allCases.count)]
        blueprint.coding = length > 0 ? coding : .raw
        blueprint.literals = blueprint.coding == .raw ? bytes(length) : bytes(1 + number(below: length))
        if !blueprint.coding.isAuthentic {
            blueprint.contexts = (0...number(below: 5)).map { _ in range(upTo: 9999) }
        }
        if blueprint.hasAdds { blueprint.differences = bytes(number(below: 100)) }
        blueprint.learnedAt = flag() ? number(below: Limits.address >> 1) : nil
        return blueprint
    }

    mutating func origins(_ count: Int) -> [Origin] {
        let versions: [TransferID] = (0..<3).map { _ in identifier() }
        var origin = Origin.sent
        return (0..<count).map { _ in
            if oneIn(4) { origin = oneIn(3) ? .sent : .kept(versions[number(below: 3)]) }
            return origin
        }
    }

    mutating func dataRecord(items: Int) -> DataRecord {
        switch next() % 4 {
        case 0: .opening(identifier(), manifest: number(below: 1 << 27), content: number(below: Limits.stream))
        case 1: .leaf(leaf(), blueprint(descriptors: number(below: items)))
        case 2: .origins(origins(number(below: items)))
        default: .more(content: number(below: Limits.stream))
        }
    }
}

/// Runs of equal bytes as (byte, length): enough of a compressor to see blocks travel compressed.
func squeeze(_ raw: [UInt8]) -> [UInt8]? {
    var coded: [UInt8] = []
    for byte in raw {
        if let last = coded.indices.last, coded[last - 1] == byte, coded[last] < 255 {
            coded[last] += 1
        } else {
            coded += [byte, 1]
        }
    }
    return coded
}

func unsqueeze(_ coded: [UInt8], _ rawLength: Int) -> [UInt8]? {
    guard coded.count.isMultiple(of: 2) else { return nil }
    var raw: [UInt8] = []
    for index in stride(from: 0, to: coded.count, by: 2) {
        guard coded[index + 1] > 0, raw.count + Int(coded[index + 1]) <= rawLength else { return nil }
        raw += [UInt8](repeating: coded[index], count: Int(coded[index + 1]))
    }
    return raw
}
