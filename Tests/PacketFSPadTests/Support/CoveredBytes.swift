import PacketFSWire
import Testing

@testable import PacketFSPad

/// Covered bytes that left a process, by their place in a half: no place may ever have two.
struct CoveredBytes {
    private var bytes: [UInt8?]
    private(set) var compared = 0

    init(blocks: Int) {
        bytes = [UInt8?](repeating: nil, count: blocks * Limits.padBlock)
    }

    mutating func note(_ covered: [UInt8], at places: [Range<Int>]) {
        var rest = covered[...]
        for place in places {
            for position in place {
                guard let byte = rest.popFirst() else { return }
                if let known = bytes[position] {
                    compared += 1
                    guard known == byte else {
                        Issue.record("byte \(position) covers two plaintexts")
                        return
                    }
                }
                bytes[position] = byte
            }
        }
    }

    /// Takes a stored or sent message, also a part of one.
    mutating func note(message: [UInt8]) {
        guard let head = try? MessageHead(decoding: Array(message.prefix(MessageHead.size))) else { return }
        // What may be the tag is no ciphertext.
        let body = Array(message.dropFirst(MessageHead.size).dropLast(Limits.tag))
        let start = Int(head.start) * Limits.padBlock + MessageHead.key
        note(body, at: [start..<min(start + body.count, bytes.count)])
    }
}

/// Where the bytes of announced blocks lie, in the order in which they are used.
struct Places {
    private var ahead: [Range<Int>] = []

    mutating func announce(_ blocks: Range<UInt64>) {
        ahead.append(Int(blocks.lowerBound) * Limits.padBlock..<Int(blocks.upperBound) * Limits.padBlock)
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
