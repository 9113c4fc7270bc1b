/// The descriptors of a leaf by columns (`Specs/blueprint.md` §5): kinds, then lengths kind by kind, then the addresses
/// of the copies, then the bytes of the fills.
enum LeafColumns {
    /// Kinds of four descriptors stand in one byte, the first in its lowest bits.
    private static let kindsPerByte = 4

    static func encode(_ descriptors: [Descriptor]) -> [UInt8] {
        var writer = ByteWriter(reserving: descriptors.count * 4)
        writer.raw(packedKinds(descriptors))
        for kind in DescriptorKind.allCases {
            for descriptor in descriptors where descriptor.kind == kind { writer.count(descriptor.length - 1) }
        }
        var diagonal = Diagonal()
        for descriptor in descriptors {
            if case .copy(let address, _) = descriptor { writer.signed(diagonal.difference(of: address)) }
            diagonal.advance(by: descriptor.length)
        }
        for case .fill(let byte, _) in descriptors { writer.u8(byte) }
        return writer.bytes
    }

    /// Allocates nothing for `count` descriptors before there are bytes for so many.
    static func decode(_ columns: [UInt8], count: Int) throws(WireError) -> [Descriptor] {
        try decoded(columns) { reader throws(WireError) in
            let kinds = try reader.descriptorKinds(count)
            let lengths = try reader.descriptorLengths(kinds)
            return try reader.descriptors(kinds, lengths)
        }
    }

    private static func packedKinds(_ descriptors: [Descriptor]) -> [UInt8] {
        var packed = [UInt8](repeating: 0, count: packedLength(descriptors.count))
        for (index, descriptor) in descriptors.enumerated() {
            packed[index / kindsPerByte] |= descriptor.kind.rawValue << UInt8(index % kindsPerByte * 2)
        }
        return packed
    }

    fileprivate static func packedLength(_ count: Int) -> Int {
        (count + kindsPerByte - 1) / kindsPerByte
    }

    fileprivate static func unpackedKinds(_ packed: [UInt8], count: Int) throws(WireError) -> [DescriptorKind] {
        var kinds: [DescriptorKind] = []
        kinds.reserveCapacity(count)
        for index in 0..<packed.count * kindsPerByte {
            let bits = packed[index / kindsPerByte] >> UInt8(index % kindsPerByte * 2) & 3
            guard index < count else {
                guard bits == 0 else { throw .inconsistent }
                continue
            }
            guard let kind = DescriptorKind(rawValue: bits) else { throw .unknown }
            kinds.append(kind)
        }
        return kinds
    }
}

/// Two bits each; the order of the length columns.
private enum DescriptorKind: UInt8, CaseIterable {
    case copy = 0
    case literal = 1
    case fill = 2
    case held = 3
}

extension Descriptor {
    fileprivate var kind: DescriptorKind {
        switch self {
        case .copy: .copy
        case .literal: .literal
        case .fill: .fill
        case .held: .held
        }
    }
}

/// Predicts the address of a copy: as far from that of the copy before it as the two stand apart in the leaf. A file in
/// which bytes were only replaced stays on one diagonal, and its differences are zero.
private struct Diagonal {
    private var predicted: Int64 = 0

    mutating func advance(by length: Int) {
        predicted &+= Int64(length)
    }

    mutating func difference(of address: UInt64) -> Int64 {
        let actual = Int64(bitPattern: address)
        defer { predicted = actual }
        return actual &- predicted
    }

    mutating func address(at difference: Int64) -> UInt64 {
        predicted &+= difference
        return UInt64(bitPattern: predicted)
    }
}

extension ByteReader {
    fileprivate mutating func descriptorKinds(_ count: Int) throws(WireError) -> [DescriptorKind] {
        let packed = try bytes(LeafColumns.packedLength(count))
        // Each descriptor has at least one byte of length.
        guard remaining >= count else { throw .truncated }
        return try LeafColumns.unpackedKinds(packed, count: count)
    }

    fileprivate mutating func descriptorLengths(_ kinds: [DescriptorKind]) throws(WireError) -> [Int] {
        var lengths = [Int](repeating: 0, count: kinds.count)
        for kind in DescriptorKind.allCases {
            for index in kinds.indices where kinds[index] == kind {
                lengths[index] = try count(atMost: Limits.leaf - 1) + 1
            }
        }
        return lengths
    }

    fileprivate mutating func descriptors(
        _ kinds: [DescriptorKind], _ lengths: [Int]
    ) throws(WireError) -> [Descriptor] {
        var descriptors: [Descriptor] = []
        descriptors.reserveCapacity(kinds.count)
        var diagonal = Diagonal()
        for (kind, length) in zip(kinds, lengths) {
            switch kind {
            case .copy: descriptors.append(.copy(address: diagonal.address(at: try signed()), length: length))
            case .literal: descriptors.append(.literal(length: length))
            case .fill: descriptors.append(.fill(byte: 0, length: length))
            case .held: descriptors.append(.held(length: length))
            }
            diagonal.advance(by: length)
        }
        for index in kinds.indices where kinds[index] == .fill {
            descriptors[index] = .fill(byte: try u8(), length: lengths[index])
        }
        return descriptors
    }
}
