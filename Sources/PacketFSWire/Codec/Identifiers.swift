/// Sixteen bytes that name one thing for ever.
package protocol Identifier: Hashable, Sendable, Comparable {
    var words: IdentifierWords { get }
    init(_ words: IdentifierWords)
}

/// The bytes as two big-endian numbers: they take no memory of their own, and are in the order of the bytes.
package struct IdentifierWords: Hashable, Sendable {
    let high: UInt64
    let low: UInt64
}

extension Identifier {
    package static var byteCount: Int { 16 }

    /// `nil` unless there are 16 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(unchecked: bytes)
    }

    /// Of 16 bytes.
    package init(unchecked bytes: [UInt8]) {
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        self.init(IdentifierWords(high: word(bytes[..<8]), low: word(bytes[8...])))
    }

    package var bytes: [UInt8] {
        [words.high, words.low].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.words.high, left.words.low) < (right.words.high, right.words.low)
    }
}

/// A party to a seed, drawn at random when its home is made.
package struct PartyID: Identifier {
    package let words: IdentifierWords
    package init(_ words: IdentifierWords) { self.words = words }
}

/// One transfer, drawn at random by its sender; never used again, also when the same files are planned anew.
package struct TransferID: Identifier {
    /// Names none.
    package static let none = TransferID(IdentifierWords(high: 0, low: 0))

    package let words: IdentifierWords
    package init(_ words: IdentifierWords) { self.words = words }
}

/// The incarnation of a log: drawn when the log is made, so that a log made anew is never taken for the old one.
package struct LogID: Identifier {
    package let words: IdentifierWords
    package init(_ words: IdentifierWords) { self.words = words }
}

/// One pad, drawn at random when the pad is made; both sides' copies share it.
package struct PadID: Identifier {
    package let words: IdentifierWords
    package init(_ words: IdentifierWords) { self.words = words }
}

/// One seed, drawn at random with it; both parties know it by this id, which is no secret.
package struct SeedID: Identifier {
    package let words: IdentifierWords
    package init(_ words: IdentifierWords) { self.words = words }
}

extension ByteReader {
    package mutating func identifier<T: Identifier>(_: T.Type) throws(WireError) -> T {
        T(IdentifierWords(high: try integer(UInt64.self), low: try integer(UInt64.self)))
    }
}

extension ByteWriter {
    package mutating func identifier(_ value: some Identifier) {
        integer(value.words.high)
        integer(value.words.low)
    }
}

/// A number of nanoseconds on a clock that never goes back. Its zero means nothing.
package struct Instant: Comparable, Hashable, Sendable {
    package let nanoseconds: UInt64
    package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }
    package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Seconds since `earlier`; zero if `earlier` is later.
    package func seconds(since earlier: Instant) -> Double {
        self > earlier ? Double(nanoseconds - earlier.nanoseconds) / 1e9 : 0
    }

    package func adding(seconds: Double) -> Instant {
        Instant(nanoseconds: nanoseconds &+ UInt64(seconds * 1e9))
    }
}
