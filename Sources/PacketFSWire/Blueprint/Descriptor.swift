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
    /// `length` bytes of a deflate stream, packed from what the blueprint's `opened` gives.
    case packed(length: Int)

    package var length: Int {
        switch self {
        case .copy(_, let length), .add(_, let length), .fill(_, let length), .literal(let length),
            .held(let length), .packed(let length):
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
        case .packed: .packed
        }
    }

    /// The bytes of the log that it gives, or that what it gives resembles.
    package var source: AddressRange? {
        switch self {
        case .copy(let address, let length), .add(let address, let length):
            AddressRange(address: address, length: length)
        case .fill, .literal, .held, .packed: nil
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
    case packed = 5
}

/// What of a leaf both ends keep, where they learn.
package enum Learning: Sendable {
    /// What the log does not have.
    case lacked
    /// All of it, in one place: what a later version resembles is told by one address then, not by many.
    case whole

    package func takes(_ kind: DescriptorKind) -> Bool {
        switch kind {
        case .literal, .held, .add, .packed: true
        case .copy, .fill: self == .whole
        }
    }
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

/// How the differences of a leaf's adds are coded.
package enum DifferenceCoding: UInt8, Sendable, CaseIterable {
    /// As `DifferenceEncoder` codes them.
    case modelled = 0
    /// One zstd frame of each added byte less the one that it resembles, modulo 256.
    case zstd = 1
}
// Descriptors say what a file consists of: they go into no log.

extension Descriptor: CustomStringConvertible, CustomReflectable {
    package var description: String { "Descriptor" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
