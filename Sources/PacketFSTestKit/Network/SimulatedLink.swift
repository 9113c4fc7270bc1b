/// One way between two ends, or the other.
package enum Direction: Int, CaseIterable, Sendable {
    case toResponder
    case toInitiator

    var reverse: Direction { self == .toResponder ? .toInitiator : .toResponder }
}

/// What the network does to a connection. Positions count bytes of one direction, handshake included.
package struct LinkFaults: Equatable, Sendable {
    /// Nothing passes any more, either way, once this many bytes of a direction have.
    package var cut: (direction: Direction, position: Int)?
    /// These bits of the byte at this position are flipped.
    package var flip: (direction: Direction, position: Int, mask: UInt8)?

    package init() {}

    package static func == (left: LinkFaults, right: LinkFaults) -> Bool {
        left.cut?.direction == right.cut?.direction && left.cut?.position == right.cut?.position
            && left.flip?.direction == right.flip?.direction && left.flip?.position == right.flip?.position
            && left.flip?.mask == right.flip?.mask
    }
}

/// A connection in memory: bytes wait until they are asked for, in pieces of any size.
package struct SimulatedLink: Sendable {
    private struct Way {
        var waiting: [UInt8] = []
        var passed = 0
    }

    private var ways = [Way(), Way()]
    private let faults: LinkFaults
    package private(set) var isCut = false
    /// The direction whose receiver has been handed a changed byte.
    package private(set) var flipped: Direction?
    /// Everything that was handed out, by direction; kept if asked for, or if a byte is to be changed.
    package private(set) var recording: [[UInt8]] = [[], []]
    private let isRecorded: Bool

    package init(faults: LinkFaults = LinkFaults(), isRecorded: Bool = false) {
        self.faults = faults
        self.isRecorded = isRecorded || faults.flip != nil
    }

    package mutating func send(_ bytes: [UInt8], _ direction: Direction) {
        ways[direction.rawValue].waiting += bytes
    }

    package func waiting(_ direction: Direction) -> Int {
        isCut ? 0 : ways[direction.rawValue].waiting.count
    }

    /// Bytes that have passed.
    package func passed(_ direction: Direction) -> Int {
        ways[direction.rawValue].passed
    }

    /// Hands out at most `count` bytes; fewer, or none, where the connection is cut.
    package mutating func take(_ count: Int, _ direction: Direction) -> [UInt8] {
        guard !isCut else { return [] }
        let start = ways[direction.rawValue].passed
        var count = min(count, ways[direction.rawValue].waiting.count)
        if let cut = faults.cut, cut.direction == direction, start + count >= cut.position {
            count = max(0, cut.position - start)
            isCut = true
        }
        var bytes = Array(ways[direction.rawValue].waiting.prefix(count))
        ways[direction.rawValue].waiting.removeFirst(count)
        ways[direction.rawValue].passed += count
        if let flip = faults.flip, flip.direction == direction, (start..<start + count).contains(flip.position) {
            bytes[flip.position - start] ^= flip.mask
            flipped = direction
        }
        if isRecorded { recording[direction.rawValue] += bytes }
        return bytes
    }
}
