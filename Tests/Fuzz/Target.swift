import PacketFSWire

/// Something that takes bytes from outside. It may refuse them with an error; it may not stop, hang, take memory without a
/// bound, touch memory that is not its own, or break a promise about what it takes.
struct Target: Sendable {
    let name: String
    let run: @Sendable (UnsafeRawBufferPointer) throws -> Void
    /// What the corpus begins with: right inputs, which the fuzzer makes wrong.
    let seeds: @Sendable () throws -> [[UInt8]]

    static let all = Self.wire + Self.channel + Self.files + Self.rebuild + Self.peers

    /// Must fail, or the others cannot: `scripts/fuzz` sees to it first.
    static let broken = Target(name: "broken") { _ in
        promise(try ControlMessage.want([-1], isLast: true).encode().isEmpty, "what throws is no kept promise")
    } seeds: {
        [[]]
    }

    /// Set once, before anything runs.
    nonisolated(unsafe) static var chosen: Target?

    /// Errors are what wrong input is to give.
    func take(_ bytes: UnsafeRawBufferPointer) {
        try? run(bytes)
    }
}

/// Stops the fuzzer unless a promise holds; what throws while that is looked at does not.
func promise(_ isKept: @autoclosure () throws -> Bool, _ text: String) {
    guard (try? isKept()) == true else { fatalError(text) }
}

/// Reads an input as numbers and pieces; an input that is too short goes on with zeros.
struct Script {
    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 {
        rest.popFirst() ?? 0
    }

    mutating func number() -> Int {
        Int(byte()) << 8 | Int(byte())
    }

    /// At most `count` bytes.
    mutating func bytes(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// A length of two bytes, and so many bytes.
    mutating func piece() -> [UInt8] {
        bytes(number())
    }

    /// Everything that is left.
    mutating func all() -> [UInt8] {
        bytes(rest.count)
    }

    /// A piece as `piece` reads it.
    static func piece(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xff)] + bytes
    }
}
