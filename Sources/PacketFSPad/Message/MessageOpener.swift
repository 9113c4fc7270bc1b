internal import Glibc
internal import PacketFSSecrets
package import PacketFSWire

/// Opens one message: first its tag, over all of it, then its plaintext, then what it covers is spent.
///
/// Nothing of a message is released before its tag was found right, and nothing is spent before the caller says that
/// it has kept what the message brought.
package final class MessageOpener {
    private let pad: Pad
    private let message: PrivateFile
    private let head: MessageHead
    private let blocks: Range<UInt64>
    /// Blocks, and what they cover.
    private let chunk: SecretBuffer
    private let buffer: SecretBuffer

    /// Takes a message in an open file that nobody else can write, and that stays open meanwhile. Throws `otherPad`,
    /// `spent`, `rolledBack`, or `notAuthentic` for what is no message.
    package init(_ pad: Pad, message descriptor: Int32) throws(PadError) {
        chunk = try .ofBlocks(PadFile.chunk)
        buffer = try .ofBlocks(PadFile.chunk)
        self.pad = pad
        message = try Self.file(descriptor)
        head = try Self.head(of: message)
        blocks = try pad.blocks(of: head, length: message.size())
        guard pad.areFresh(blocks) else {
            throw pad.refusal(of: MessageMark(start: head.start, tag: try Pad.tag(of: message)))
        }
        // It knows no more which messages it opened.
        try pad.requireNotRolledBack()
    }

    /// What a message says of itself, in the clear. Throws `notAuthentic` for what is no message.
    package static func head(of descriptor: Int32) throws(PadError) -> MessageHead {
        try head(of: file(descriptor))
    }

    private static func file(_ descriptor: Int32) throws(PadError) -> PrivateFile {
        try PrivateFile(adopting: check(fcntl(descriptor, F_DUPFD_CLOEXEC, 0)))
    }

    private static func head(of file: PrivateFile) throws(PadError) -> MessageHead {
        let bytes = try file.bytes(MessageHead.size, at: 0)
        do { return try MessageHead(decoding: bytes) } catch { throw .notAuthentic }
    }

    /// Checks the tag over head and ciphertext, and hands out the sections of the plaintext in pieces as they come. The
    /// message is read twice; a piece that changed in between is refused.
    ///
    /// - Parameters:
    ///   - begin: takes the destination that the sender named, before the first section.
    ///   - body: takes the next bytes of the sections.
    package func open(
        begin: (String) throws -> Void = { _ in }, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try verify()
        var sections = SectionReader()
        let digest = try tag()
        try pieces { bytes, blocks in
            digest.update(UnsafeRawBufferPointer(bytes))
            Cover.apply(blocks, to: bytes)
            try sections.take(UnsafeRawBufferPointer(bytes), begin: begin, body)
        }
        guard SecretBytes.areEqual(digest.finish(), try Pad.tag(of: message)) else { throw PadError.notAuthentic }
        try pad.hear(sections.finish())
    }

    /// The message's blocks are spent, and destroyed. To be called once what it brought is durable.
    package func spend() throws(PadError) {
        try pad.spend(blocks, tag: Pad.tag(of: message))
    }

    private func verify() throws {
        try pad.countTry(at: head.start)
        let digest = try tag()
        try pieces(reading: false) { bytes, _ in digest.update(UnsafeRawBufferPointer(bytes)) }
        guard SecretBytes.areEqual(digest.finish(), try Pad.tag(of: message)) else { throw PadError.notAuthentic }
    }

    private func tag() throws(PadError) -> OneTimeTag {
        let first = chunk.part(0..<Limits.padBlock)
        defer { chunk.wipe() }
        try pad.file.read(half: pad.peers, from: head.start, into: first)
        let tag = OneTimeTag(key: UnsafeRawBufferPointer(rebasing: first[..<Limits.padKey]))
        head.encode().withUnsafeBytes { tag.update($0) }
        return tag
    }

    /// The ciphertext in pieces, each with the blocks that cover it, if these are read.
    private func pieces(
        reading: Bool = true, _ body: (UnsafeMutableRawBufferPointer, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        defer {
            chunk.wipe()
            buffer.wipe()
        }
        var offset = UInt64(MessageHead.size)
        for part in PadFile.parts(of: blocks) {
            let bytes = chunk.part(0..<part.count * Limits.padBlock)
            if reading { try pad.file.read(half: pad.peers, from: part.lowerBound, into: bytes) }
            let piece = buffer.part(0..<part.count * Limits.padCover)
            guard try message.read(into: piece, at: offset) == piece.count else { throw PadError.notAuthentic }
            try body(piece, UnsafeRawBufferPointer(bytes))
            offset += UInt64(piece.count)
        }
    }
}

/// Takes the plaintext of a message apart: marks, destination, sections behind their lengths, a length of zero, then zeros.
struct SectionReader {
    private enum Place {
        case marks
        case destinationLength
        case destination(Int)
        case length
        case section(left: Int)
        case padding
    }

    private var place = Place.marks
    private var header: [UInt8] = []
    private var marks: MessageMarks?

    mutating func take(
        _ bytes: UnsafeRawBufferPointer, begin: (String) throws -> Void,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            switch place {
            case .marks:
                guard let whole = gather(&rest, MessageMarks.size) else { return }
                do { marks = try MessageMarks(decoding: whole) } catch { throw PadError.malformedMessage }
                place = .destinationLength
            case .destinationLength:
                guard let whole = gather(&rest, 2) else { return }
                let count = Int(whole[0]) << 8 | Int(whole[1])
                guard count <= Limits.path else { throw PadError.malformedMessage }
                place = count == 0 ? .length : .destination(count)
                if count == 0 { try begin("") }
            case .destination(let count):
                guard let whole = gather(&rest, count) else { return }
                guard let text = String(validating: whole, as: UTF8.self) else { throw PadError.malformedMessage }
                place = .length
                try begin(text)
            case .length:
                guard let whole = gather(&rest, 4) else { return }
                let count = whole.reduce(0) { $0 << 8 | Int($1) }
                place = count == 0 ? .padding : .section(left: count)
            case .section(let left):
                let piece = rest.prefix(left)
                try body(UnsafeRawBufferPointer(rebasing: piece))
                rest = rest.dropFirst(piece.count)
                place = left == piece.count ? .length : .section(left: left - piece.count)
            case .padding:
                guard rest.allSatisfy({ $0 == 0 }) else { throw PadError.malformedMessage }
                return
            }
        }
    }

    /// The marks of a message that is whole.
    func finish() throws(PadError) -> MessageMarks {
        guard case .padding = place, let marks else { throw .malformedMessage }
        return marks
    }

    private mutating func gather(_ rest: inout Slice<UnsafeRawBufferPointer>, _ count: Int) -> [UInt8]? {
        let piece = rest.prefix(count - header.count)
        header += piece
        rest = rest.dropFirst(piece.count)
        guard header.count == count else { return nil }
        defer { header = [] }
        return header
    }
}
