package import PacketFSModel

/// Descriptors, and what they rest on: how to rebuild a leaf, or what is packed in one.
package protocol Blueprint {
    var descriptors: [Descriptor] { get }
    /// What the literals' coding may look back at; only with `zstdContext` and `modelled`.
    var contexts: [AddressRange] { get }
    var coding: LiteralCoding { get }
    /// Literals as coded.
    var literals: [UInt8] { get }
    /// How the adds differ from the bytes that they resemble, as coded; empty without adds.
    var differences: [UInt8] { get }
    /// `modelled` without adds.
    var differenceCoding: DifferenceCoding { get }
}

extension Blueprint {
    /// Bytes that it gives.
    package var length: Int { descriptors.reduce(0) { $0 + $1.length } }

    /// Bytes of the literals once decoded.
    package var literalLength: Int {
        descriptors.reduce(0) { sum, descriptor in
            if case .literal(let length) = descriptor { sum + length } else { sum }
        }
    }

    /// Bytes up to the first that no more than so many bytes of literals give.
    package func length(withLiterals count: Int) -> Int {
        var (length, left) = (0, count)
        for descriptor in descriptors {
            if case .literal(let needed) = descriptor {
                guard needed <= left else { return length + left }
                left -= needed
            }
            length += descriptor.length
        }
        return length
    }

    /// What copies and adds take from the log, in order.
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

    /// What the log has around its literals. `run`: the run that holds an address, of all that may be named.
    package func surroundings(_ run: (UInt64) -> AddressRange?) -> Surroundings {
        Surroundings(descriptors, told: contexts.reduce(0) { $0 + $1.length }, run: run)
    }

    /// Whether any of its bytes are told by `differences`.
    package var hasAdds: Bool { descriptors.contains { $0.kind == .add } }
}

/// How to rebuild one leaf, and the tag that it must then have.
package struct LeafBlueprint: Blueprint, Equatable, Sendable {
    package var descriptors: [Descriptor]
    package var contexts: [AddressRange]
    package var coding: LiteralCoding
    package var literals: [UInt8]
    package var differences: [UInt8]
    package var differenceCoding: DifferenceCoding
    /// What its packed descriptors are packed from; `nil` without such.
    package var opened: OpenedBlueprint?
    /// Where in the sender's log both ends keep the leaf's learned bytes, one after another in leaf order; `nil` if they are
    /// not learned.
    package var learnedAt: UInt64?
    /// What of the leaf that is.
    package var learning: Learning
    /// Tag of the rebuilt leaf, `Limits.tag` bytes.
    package var tag: [UInt8]

    package init(
        descriptors: [Descriptor], contexts: [AddressRange] = [], coding: LiteralCoding, literals: [UInt8],
        differences: [UInt8] = [], differenceCoding: DifferenceCoding = .modelled, opened: OpenedBlueprint? = nil,
        learnedAt: UInt64? = nil, learning: Learning = .lacked, tag: [UInt8]
    ) {
        self.descriptors = descriptors
        self.contexts = contexts
        self.coding = coding
        self.literals = literals
        self.differences = differences
        self.differenceCoding = differenceCoding
        self.opened = opened
        self.learnedAt = learnedAt
        self.learning = learning
        self.tag = tag
    }

    /// How many of its descriptors are packed.
    package var packedCount: Int { descriptors.count { $0.kind == .packed } }

    /// The leaf from its first byte that is learned, if `learnedAt` is set, to its last; `nil` if none is.
    package var learnedStretch: Range<Int>? {
        var offset = 0
        var stretch: Range<Int>?
        for descriptor in descriptors {
            let end = offset + descriptor.length
            if learning.takes(descriptor.kind) { stretch = (stretch?.lowerBound ?? offset)..<end }
            offset = end
        }
        return stretch
    }

    /// Bytes that are learned if `learnedAt` is set.
    package var learnedLength: Int {
        descriptors.reduce(0) { learning.takes($1.kind) ? $0 + $1.length : $0 }
    }
}

/// How to rebuild what is packed in a leaf (`Specs/blueprint.md` §5.3): the content of its packed descriptors, one after
/// another. Addresses are places in the base, which is what the deflate streams at `bases` hold, one after another.
package struct OpenedBlueprint: Blueprint, Equatable, Sendable {
    package var bases: [AddressRange]
    /// Of each packed descriptor.
    package var packings: [Packing]
    package var descriptors: [Descriptor]
    package var contexts: [AddressRange]
    package var coding: LiteralCoding
    package var literals: [UInt8]
    package var differences: [UInt8]
    package var differenceCoding: DifferenceCoding { .modelled }

    package init(
        bases: [AddressRange], packings: [Packing], descriptors: [Descriptor], contexts: [AddressRange] = [],
        coding: LiteralCoding, literals: [UInt8], differences: [UInt8] = []
    ) {
        self.bases = bases
        self.packings = packings
        self.descriptors = descriptors
        self.contexts = contexts
        self.coding = coding
        self.literals = literals
        self.differences = differences
    }
}

// Blueprints say what a file consists of: they go into no log.

extension LeafBlueprint: CustomStringConvertible, CustomReflectable {
    package var description: String { "LeafBlueprint" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension OpenedBlueprint: CustomStringConvertible, CustomReflectable {
    package var description: String { "OpenedBlueprint" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
