internal import PacketFSModel

/// The descriptors of a leaf as coded numbers (`Specs/blueprint.md` §5.1): of each its kind, length, and what its kind
/// needs besides, in contexts of their own.
enum LeafColumns {
    fileprivate static let shape = ColumnShape(
        numberContexts: 56, choiceContexts: Fills.context + Fills.contexts, choiceBits: Kinds.bits)

    static func encode(_ descriptors: [Descriptor]) -> [UInt8] {
        var encoder = ColumnEncoder(shape)
        var place = Place()
        for descriptor in descriptors {
            encoder.choice(Int(descriptor.kind.rawValue), place.kindContext)
            encoder.number(UInt64(descriptor.length - 1), place.lengthContext(descriptor.kind))
            switch descriptor {
            case .copy(let address, _), .add(let address, _):
                encoder.number(place.difference(of: address).zigzag, place.addressContext)
            case .fill(let byte, _):
                encoder.choice(Int(byte >> 4), Fills.context)
                encoder.choice(Int(byte & 15), Fills.context + 1 + Int(byte >> 4))
            case .literal, .held, .packed:
                break
            }
            place.advance(by: descriptor)
        }
        return encoder.finish()
    }

    static func decode(_ coded: [UInt8], count: Int) throws(WireError) -> [Descriptor] {
        var decoder = ColumnDecoder(coded, shape)
        var descriptors: [Descriptor] = []
        var place = Place()
        for _ in 0..<count {
            let descriptor = try decoder.descriptor(place)
            place.advance(by: descriptor)
            descriptors.append(descriptor)
        }
        // Other bits may tell the same numbers.
        guard decoder.isExact, encode(descriptors) == coded else { throw .inconsistent }
        return descriptors
    }
}

/// Where in a leaf the next descriptor stands, and what came before it.
private struct Place {
    private var offset: UInt64 = 0
    /// Address less offset of the latest copy or add.
    private var diagonal: UInt64 = 0
    private var last = 0
    private var secondLast = 0

    var kindContext: Int { last << Kinds.bits | secondLast }
    var addressContext: Int { 48 | last }

    func lengthContext(_ kind: DescriptorKind) -> Int {
        Int(kind.rawValue) << 3 | last
    }

    mutating func advance(by descriptor: Descriptor) {
        switch descriptor {
        case .copy(let address, _), .add(let address, _): diagonal = address &- offset
        case .fill, .literal, .held, .packed: break
        }
        offset &+= UInt64(descriptor.length)
        secondLast = last
        last = Int(descriptor.kind.rawValue) + 1
    }

    /// How far an address is from where the latest copy or add would go on.
    func difference(of address: UInt64) -> Int64 {
        Int64(bitPattern: address &- diagonal &- offset)
    }

    func address(at difference: Int64) -> UInt64 {
        UInt64(bitPattern: difference) &+ diagonal &+ offset
    }
}

private enum Kinds {
    static let bits = 4
}

/// Contexts of a fill's byte, behind those of the kinds.
private enum Fills {
    static let context = 1 << (2 * Kinds.bits)
    static let contexts = 17
}

extension DescriptorKind {
    fileprivate init(choice: Int) throws(WireError) {
        guard let kind = UInt8(exactly: choice).flatMap(DescriptorKind.init(rawValue:)) else { throw .unknown }
        self = kind
    }
}

extension Int64 {
    fileprivate var zigzag: UInt64 { UInt64(bitPattern: self << 1 ^ self >> 63) }

    fileprivate init(zigzag: UInt64) {
        self = Int64(bitPattern: zigzag >> 1 ^ (0 &- (zigzag & 1)))
    }
}

extension ColumnDecoder {
    fileprivate mutating func descriptor(_ place: Place) throws(WireError) -> Descriptor {
        let kind = try DescriptorKind(choice: choice(place.kindContext))
        let less = number(place.lengthContext(kind))
        guard less < UInt64(Limits.opened) else { throw .tooLarge }
        let length = Int(less) + 1
        // Zeros behind the end of the code tell descriptors without end.
        guard !isOverrun else { throw .truncated }
        switch kind {
        case .copy: return .copy(address: address(place), length: length)
        case .add: return .add(address: address(place), length: length)
        case .literal: return .literal(length: length)
        case .held: return .held(length: length)
        case .packed: return .packed(length: length)
        case .fill:
            let high = choice(Fills.context)
            return .fill(byte: UInt8(high << 4 | choice(Fills.context + 1 + high)), length: length)
        }
    }

    private mutating func address(_ place: Place) -> UInt64 {
        place.address(at: Int64(zigzag: number(place.addressContext)))
    }
}
