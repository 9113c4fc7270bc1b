/// Sixteen bytes that name one thing for ever.
package protocol Identifier: Hashable, Sendable, Comparable {
    var bytes: [UInt8] { get }
    init(unchecked bytes: [UInt8])
}

extension Identifier {
    package static var byteCount: Int { 16 }

    /// `nil` unless there are 16 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(unchecked: bytes)
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

/// A party to a seed, drawn at random when its home is made.
package struct PartyID: Identifier {
    package let bytes: [UInt8]
    package init(unchecked bytes: [UInt8]) { self.bytes = bytes }
}

/// One transfer, drawn at random by its sender; never used again, also when the same files are planned anew.
package struct TransferID: Identifier {
    /// Names none.
    package static let none = TransferID(unchecked: [UInt8](repeating: 0, count: byteCount))

    package let bytes: [UInt8]
    package init(unchecked bytes: [UInt8]) { self.bytes = bytes }
}

/// The incarnation of a log: drawn when the log is made, so that a log made anew is never taken for the old one.
package struct LogID: Identifier {
    package let bytes: [UInt8]
    package init(unchecked bytes: [UInt8]) { self.bytes = bytes }
}

/// One pad, drawn at random when the pad is made; both sides' copies share it.
package struct PadID: Identifier {
    package let bytes: [UInt8]
    package init(unchecked bytes: [UInt8]) { self.bytes = bytes }
}

/// One seed, drawn at random with it; both parties know it by this id, which is no secret.
package struct SeedID: Identifier {
    package let bytes: [UInt8]
    package init(unchecked bytes: [UInt8]) { self.bytes = bytes }
}

extension ByteReader {
    package mutating func identifier<T: Identifier>(_: T.Type) throws(WireError) -> T {
        T(unchecked: try bytes(T.byteCount))
    }
}

extension ByteWriter {
    package mutating func identifier(_ value: some Identifier) {
        raw(value.bytes)
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
