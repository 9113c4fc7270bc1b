internal import PacketFSModel

/// The descriptors of a leaf as coded numbers (`Specs/blueprint.md` §5.1): of each its kind, length, and what its kind
/// needs besides, in contexts of their own.
enum LeafColumns {
    fileprivate static let shape = ColumnShape(
        numberContexts: Numbers.contexts, choiceContexts: Choices.contexts, choiceBits: Choices.bits)

    static func encode(_ descriptors: [Descriptor]) -> [UInt8] {
        var encoder = ColumnEncoder(shape)
        var place = Place()
        for descriptor in descriptors {
            encoder.choice(Int(descriptor.kind.rawValue), place.kindContext)
            encoder.number(UInt64(descriptor.length - 1), Int(descriptor.kind.rawValue))
            switch descriptor {
            case .copy(let address, _), .add(let address, _):
                let told = place.told(address)
                encoder.choice(told.choice, place.diagonalContext)
                encoder.number(told.difference, Numbers.differences + min(told.choice, 1))
                place.take(address, told)
            case .fill(let byte, _):
                encoder.choice(Int(byte >> 4), Choices.fills)
                encoder.choice(Int(byte & 15), Choices.fills + 1 + Int(byte >> 4))
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
            let descriptor = try decoder.descriptor(&place)
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
    typealias Told = (choice: Int, difference: UInt64)

    private var offset: UInt64 = 0
    private var diagonals = Diagonals()
    private var lastChoice = 0
    private var last = 0
    private var secondLast = 0

    var kindContext: Int { last << Choices.bits | secondLast }
    var diagonalContext: Int { Choices.diagonals + min(lastChoice, 1) }

    func told(_ address: UInt64) -> Told {
        diagonals.nearest(to: address &- offset)
    }

    func address(_ told: Told) -> UInt64? {
        diagonals.diagonal(told.choice, told.difference).map { $0 &+ offset }
    }

    /// The address of the descriptor that stands here.
    mutating func take(_ address: UInt64, _ told: Told) {
        diagonals.take(address &- offset, told.choice, told.difference)
        lastChoice = told.choice
    }

    mutating func advance(by descriptor: Descriptor) {
        offset &+= UInt64(descriptor.length)
        secondLast = last
        last = Int(descriptor.kind.rawValue) + 1
    }
}

/// Contexts of the choices: of kinds, of diagonals, of a fill's byte.
private enum Choices {
    static let bits = 4
    static let diagonals = 1 << (2 * bits)
    static let fills = diagonals + 2
    static let contexts = fills + 17
}

/// Contexts of the numbers: of each kind's lengths, of differences of diagonals.
private enum Numbers {
    static let differences = DescriptorKind.allCases.count
    static let contexts = differences + 2
}

extension DescriptorKind {
    fileprivate init(choice: Int) throws(WireError) {
        guard let kind = UInt8(exactly: choice).flatMap(DescriptorKind.init(rawValue:)) else { throw .unknown }
        self = kind
    }
}

extension ColumnDecoder {
    fileprivate mutating func descriptor(_ place: inout Place) throws(WireError) -> Descriptor {
        let kind = try DescriptorKind(choice: choice(place.kindContext))
        let less = number(Int(kind.rawValue))
        guard less < UInt64(Limits.opened) else { throw .tooLarge }
        let length = Int(less) + 1
        // Zeros behind the end of the code tell descriptors without end.
        guard !isOverrun else { throw .truncated }
        switch kind {
        case .copy: return .copy(address: try address(&place), length: length)
        case .add: return .add(address: try address(&place), length: length)
        case .literal: return .literal(length: length)
        case .held: return .held(length: length)
        case .packed: return .packed(length: length)
        case .fill:
            let high = choice(Choices.fills)
            return .fill(byte: UInt8(high << 4 | choice(Choices.fills + 1 + high)), length: length)
        }
    }

    private mutating func address(_ place: inout Place) throws(WireError) -> UInt64 {
        let choice = choice(place.diagonalContext)
        let told = (choice: choice, difference: number(Numbers.differences + min(choice, 1)))
        guard let address = place.address(told) else { throw .unknown }
        place.take(address, told)
        return address
    }
}
