/// The clear part of a one-time-pad message (`Specs/pads.md` §6): which bytes of which pad cover the rest. Its length
/// follows from the message's.
package struct MessageHead: Equatable, Sendable {
    package static let size = 33

    package var pad: PadID
    /// 0 from the lower party id to the higher, 1 back.
    package var direction: UInt8
    /// The first block, whose first 32 bytes are the one-time key.
    package var start: UInt64

    package init(pad: PadID, direction: UInt8, start: UInt64) {
        self.pad = pad
        self.direction = direction
        self.start = start
    }

    package func encode() -> [UInt8] {
        encoded { writer in
            writer.raw(Self.magic)
            writer.identifier(pad)
            writer.u8(direction)
            writer.integer(start)
        }
    }

    package init(decoding bytes: [UInt8]) throws(WireError) {
        self = try decoded(bytes) { reader throws(WireError) in
            guard try reader.bytes(Self.magic.count) == Self.magic else { throw .unknown }
            let pad = try reader.identifier(PadID.self)
            let direction = try reader.u8()
            guard direction < 2 else { throw .unknown }
            let start = try reader.integer(UInt64.self)
            guard start < Limits.padBlocks else { throw .tooLarge }
            return MessageHead(pad: pad, direction: direction, start: start)
        }
    }

    private static let magic = Array("PFSOTPM".utf8) + [2]

    /// The blocks that a message of `length` bytes covers; `nil` if no message has this length.
    package static func blocks(ofLength length: UInt64) -> UInt64? {
        let overhead = UInt64(size + Limits.tag)
        guard length > overhead, (length - overhead) % UInt64(Limits.padCover) == 0 else { return nil }
        let blocks = (length - overhead) / UInt64(Limits.padCover)
        return blocks <= Limits.messageBlocks ? blocks : nil
    }
}

/// What tells a message from any other, also from one that was sealed with the same blocks after a ledger was rolled back.
package struct MessageMark: Equatable, Sendable {
    package static let size = 8 + Limits.tag

    /// Its first block.
    package var start: UInt64
    package var tag: [UInt8]

    package init(start: UInt64, tag: [UInt8]) {
        self.start = start
        self.tag = tag
    }
}

/// What opens the sealed part of every message: what the writer has of the reader's messages.
package struct MessageMarks: Equatable, Sendable {
    /// The end of the highest block of the reader's half that the writer has seen.
    package var seen: UInt64
    /// The latest messages that the writer opened, at most `Limits.acknowledgements`.
    package var opened: [MessageMark]

    package init(seen: UInt64, opened: [MessageMark]) {
        self.seen = seen
        self.opened = opened
    }

    package static let size = 9 + Limits.acknowledgements * MessageMark.size

    /// Always as long as the longest, so that its length says nothing.
    package func encode() throws(WireError) -> [UInt8] {
        guard opened.count <= Limits.acknowledgements else { throw .tooLarge }
        return encoded { writer in
            writer.integer(seen)
            writer.u8(UInt8(opened.count))
            for mark in opened {
                writer.integer(mark.start)
                writer.raw(mark.tag)
            }
            writer.raw(repeatElement(0, count: (Limits.acknowledgements - opened.count) * MessageMark.size))
        }
    }

    package init(decoding bytes: [UInt8]) throws(WireError) {
        self = try decoded(bytes) { reader throws(WireError) in
            let seen = try reader.integer(UInt64.self)
            let count = Int(try reader.u8())
            guard count <= Limits.acknowledgements else { throw .tooLarge }
            var opened: [MessageMark] = []
            for _ in 0..<count {
                opened.append(
                    MessageMark(start: try reader.integer(UInt64.self), tag: try reader.bytes(Limits.tag)))
            }
            let rest = try reader.bytes(reader.remaining)
            guard rest.allSatisfy({ $0 == 0 }) else { throw .inconsistent }
            return MessageMarks(seen: seen, opened: opened)
        }
    }
}
