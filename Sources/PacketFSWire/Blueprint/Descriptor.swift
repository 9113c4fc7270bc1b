package import PacketFSModel

/// One step of rebuilding a leaf (`Specs/blueprint.md` §5). Lengths are in bytes and never zero.
package enum Descriptor: Equatable, Sendable {
    /// `length` bytes of the sender's log from `address`.
    case copy(address: UInt64, length: Int)
    /// `length` bytes like those of the sender's log from `address`; the blueprint's `differences` tell how they differ.
    case add(address: UInt64, length: Int)
    /// `length` times `byte`.
    case fill(byte: UInt8, length: Int)
    /// The next `length` bytes of the leaf's literals.
    case literal(length: Int)
    /// `length` bytes that the receiver said it already has at this place of this file, from an interrupted transfer.
    case held(length: Int)

    package var length: Int {
        switch self {
        case .copy(_, let length), .add(_, let length), .fill(_, let length), .literal(let length),
            .held(let length):
            length
        }
    }

    package var kind: DescriptorKind {
        switch self {
        case .copy: .copy
        case .literal: .literal
        case .fill: .fill
        case .held: .held
        case .add: .add
        }
    }

    /// The bytes of the log that it gives, or that what it gives resembles.
    package var source: AddressRange? {
        switch self {
        case .copy(let address, let length), .add(let address, let length):
            AddressRange(address: address, length: length)
        case .fill, .literal, .held: nil
        }
    }

    /// Whether both ends keep what it gives, where they learn: the log does not have it.
    package var isLearned: Bool {
        switch kind {
        case .literal, .held, .add: true
        case .copy, .fill: false
        }
    }
}

/// What a descriptor is, as it travels.
package enum DescriptorKind: UInt8, Sendable, CaseIterable {
    case copy = 0
    case literal = 1
    case fill = 2
    case held = 3
    case add = 4
}

/// A run of bytes in a log.
package struct AddressRange: Equatable, Hashable, Sendable {
    package var address: UInt64
    package var length: Int

    package init(address: UInt64, length: Int) {
        self.address = address
        self.length = length
    }

    package var end: UInt64 { address + UInt64(length) }
}

/// The two streams of a transfer.
package enum StreamKind: UInt8, Sendable, CaseIterable {
    /// The encoded manifest.
    case manifest = 0
    /// The contents of the files that the manifest marks as sent, one after another in its order.
    case content = 1
}

/// A leaf of a stream.
package struct LeafID: Hashable, Sendable, Comparable {
    package var stream: StreamKind
    package var index: UInt64

    package init(_ stream: StreamKind, _ index: UInt64) {
        self.stream = stream
        self.index = index
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.stream.rawValue, left.index) < (right.stream.rawValue, right.index)
    }
}

/// How the literals of a leaf are coded.
package enum LiteralCoding: UInt8, Sendable, CaseIterable {
    /// As they are.
    case raw = 0
    /// One zstd frame.
    case zstd = 1
    /// One zstd frame whose prefix is the leaf's context ranges, read from the sender's log one after another.
    case zstdContext = 2
    /// One zstd frame whose prefix is the last bytes, at most `Limits.leaf`, of the literals of the latest earlier leaf
    /// of this stream that was coded `raw`, `zstd` or `zstdPrevious` and had literals.
    case zstdPrevious = 3
    /// As `LiteralModelEncoder` codes them, by the bytes before them in the leaf and the leaf's context ranges.
    case modelled = 4

    /// Whether what decodes is what the sender sent even where the receiver's blob is damaged.
    package var isAuthentic: Bool { self != .zstdContext && self != .modelled }

    /// Whether literals of this coding may have so many context ranges.
    package func mayHave(contexts: Int) -> Bool {
        switch self {
        case .raw, .zstd, .zstdPrevious: contexts == 0
        case .zstdContext: contexts > 0
        case .modelled: true
        }
    }
}

/// How to rebuild one leaf, and the tag that it must then have.
package struct LeafBlueprint: Equatable, Sendable {
    package var descriptors: [Descriptor]
    /// What the literals' coding may look back at; only with `zstdContext` and `modelled`.
    package var contexts: [AddressRange]
    package var coding: LiteralCoding
    /// Literals as coded.
    package var literals: [UInt8]
    /// How the adds differ from the bytes that they resemble, as `DifferenceEncoder` codes it; empty without adds.
    package var differences: [UInt8]
    /// Where in the sender's log both ends keep the leaf's literal, held and added bytes, one after another in leaf order;
    /// `nil` if they are not learned.
    package var learnedAt: UInt64?
    /// Tag of the rebuilt leaf, `Limits.tag` bytes.
    package var tag: [UInt8]

    package init(
        descriptors: [Descriptor], contexts: [AddressRange] = [], coding: LiteralCoding, literals: [UInt8],
        differences: [UInt8] = [], learnedAt: UInt64? = nil, tag: [UInt8]
    ) {
        self.descriptors = descriptors
        self.contexts = contexts
        self.coding = coding
        self.literals = literals
        self.differences = differences
        self.learnedAt = learnedAt
        self.tag = tag
    }

    /// Bytes of the rebuilt leaf.
    package var length: Int { descriptors.reduce(0) { $0 + $1.length } }

    /// Bytes of the literals once decoded.
    package var literalLength: Int {
        descriptors.reduce(0) { sum, descriptor in
            if case .literal(let length) = descriptor { sum + length } else { sum }
        }
    }

    /// What copies and adds take from the log, in leaf order.
    package var stretches: [Stretch] {
        var offset = 0
        var stretches: [Stretch] = []
        for descriptor in descriptors {
            if let source = descriptor.source {
                stretches.append(
                    Stretch(
                        address: source.address, length: source.length, place: offset,
                        isAdd: descriptor.kind == .add))
            }
            offset += descriptor.length
        }
        return stretches
    }

    /// Where in the leaf its literals stand.
    package var literalRanges: [Range<Int>] {
        var offset = 0
        var ranges: [Range<Int>] = []
        for descriptor in descriptors {
            if descriptor.kind == .literal { ranges.append(offset..<offset + descriptor.length) }
            offset += descriptor.length
        }
        return ranges
    }

    /// Whether any of its bytes are told by `differences`.
    package var hasAdds: Bool { descriptors.contains { $0.kind == .add } }

    /// The leaf from its first byte that is learned, if `learnedAt` is set, to its last; `nil` if none is.
    package var learnedStretch: Range<Int>? {
        var offset = 0
        var stretch: Range<Int>?
        for descriptor in descriptors {
            let end = offset + descriptor.length
            if descriptor.isLearned { stretch = (stretch?.lowerBound ?? offset)..<end }
            offset = end
        }
        return stretch
    }

    /// Bytes that are learned if `learnedAt` is set.
    package var learnedLength: Int {
        descriptors.reduce(0) { $1.isLearned ? $0 + $1.length : $0 }
    }
}

// Descriptors say what a file consists of: they go into no log.

extension Descriptor: CustomStringConvertible, CustomReflectable {
    package var description: String { "Descriptor" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension LeafBlueprint: CustomStringConvertible, CustomReflectable {
    package var description: String { "LeafBlueprint" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
