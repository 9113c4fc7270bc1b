import PacketFSWire
import Testing

@testable import PacketFSPad

/// Covered bytes that left a process, by their place in a half: no place may ever have two.
struct CoveredBytes {
    private var bytes: [UInt8]
    private var isKnown: [Bool]
    private(set) var compared = 0

    init(blocks: Int) {
        bytes = [UInt8](repeating: 0, count: blocks * Limits.padBlock)
        isKnown = [Bool](repeating: false, count: bytes.count)
    }

    mutating func note(_ covered: [UInt8], at places: [Range<Int>]) {
        var rest = covered[...]
        for place in places {
            let piece = rest.prefix(place.count)
            let place = place.lowerBound..<place.lowerBound + piece.count
            rest = rest.dropFirst(piece.count)
            if isKnown[place].contains(true), !bytes[place].elementsEqual(piece) { compare(piece, at: place) }
            compared += isKnown[place].count { $0 }
            bytes.replaceSubrange(place, with: piece)
            isKnown.replaceSubrange(place, with: repeatElement(true, count: place.count))
        }
    }

    /// What is not known of the place may be anything.
    private func compare(_ piece: ArraySlice<UInt8>, at place: Range<Int>) {
        let differing = zip(place, piece).first { isKnown[$0] && bytes[$0] != $1 }
        if let differing { Issue.record("byte \(differing.0) covers two plaintexts") }
    }

    /// Takes a stored or sent message, also a part of one.
    mutating func note(message: [UInt8]) {
        guard let head = try? MessageHead(decoding: Array(message.prefix(MessageHead.size))) else { return }
        // What may be the tag is no ciphertext.
        let body = Array(message.dropFirst(MessageHead.size).dropLast(Limits.tag))
        let blocks = Limits.padBlocks(covering: UInt64(body.count))
        var places = Places()
        places.announce(head.start..<min(head.start + blocks, UInt64(bytes.count / Limits.padBlock)))
        note(body, at: places.take(body.count))
    }
}

/// Where the bytes of announced blocks that cover others lie, in the order in which they are used.
struct Places {
    private var ahead: [Range<Int>] = []

    mutating func announce(_ blocks: Range<UInt64>) {
        ahead += blocks.map { block in
            let start = Int(block) * Limits.padBlock
            return start + Limits.padKey..<start + Limits.padBlock
        }
    }

    mutating func take(_ count: Int) -> [Range<Int>] {
        var taken: [Range<Int>] = []
        var left = count
        while left > 0, let first = ahead.first {
            let end = min(first.lowerBound + left, first.upperBound)
            taken.append(first.lowerBound..<end)
            left -= end - first.lowerBound
            ahead[0] = end..<first.upperBound
            if ahead[0].isEmpty { ahead.removeFirst() }
        }
        return taken
    }
}
