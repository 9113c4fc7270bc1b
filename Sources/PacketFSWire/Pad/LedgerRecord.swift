/// Something that happened to a pad, in the order in which it did (`Specs/pads.md` §4). Positions are blocks of a half.
package enum LedgerRecord: Equatable, Sendable {
    /// From here on the pad is used on this machine, with these two files; sending goes on at `next` at the earliest.
    case bound(machine: [UInt8], files: UInt64, next: UInt64)
    /// Blocks of our half that may be used from now on, once; none before was free.
    case reserved(start: UInt64, count: UInt64)
    /// The message or frames over reserved blocks are stored or sent, and the blocks are destroyed.
    case settled(start: UInt64, count: UInt64)
    /// Reserved blocks that will not be used; they are destroyed.
    case burnt(start: UInt64, count: UInt64)
    /// Somebody tried to open a message whose key begins at `start` of the peer's half.
    case tried(start: UInt64)
    /// An authentic message with this tag covers these blocks of the peer's half: they are spent. Ledgers of an earlier
    /// version have zeros for the tag.
    case received(start: UInt64, count: UInt64, tag: [UInt8])
    /// Spent blocks of the peer's half are destroyed.
    case cleared(start: UInt64, count: UInt64)
    /// The peer has seen blocks of our half up to `mark`.
    case claimed(mark: UInt64)
    /// The whole pad is destroyed.
    case retired
    /// Frames are covered with these blocks of the peer's half: they are spent.
    case drawn(start: UInt64, count: UInt64)
}

extension LedgerRecord {
    /// Bytes of a record before its check value, and of that value.
    package static let bodySize = 40
    package static let checkSize = 24
    package static let size = bodySize + checkSize

    /// The record's bytes, without its check value.
    package var body: [UInt8] {
        switch self {
        case .bound(let machine, let files, let next): Self.body(1, files, next, machine)
        case .reserved(let start, let count): Self.body(2, start, count)
        case .settled(let start, let count): Self.body(3, start, count)
        case .burnt(let start, let count): Self.body(4, start, count)
        case .tried(let start): Self.body(5, start)
        case .received(let start, let count, let tag): Self.body(6, start, count, tag)
        case .cleared(let start, let count): Self.body(7, start, count)
        case .claimed(let mark): Self.body(8, mark)
        case .retired: Self.body(9)
        case .drawn(let start, let count): Self.body(10, start, count)
        }
    }

    private static func body(
        _ kind: UInt8, _ first: UInt64 = 0, _ second: UInt64 = 0, _ rest: [UInt8] = [UInt8](repeating: 0, count: 16)
    ) -> [UInt8] {
        encoded { writer in
            writer.u8(kind)
            writer.raw(repeatElement(0, count: 7))
            writer.integer(first)
            writer.integer(second)
            writer.raw(rest)
        }
    }

    /// Reads a body. What a kind does not use must be zero.
    package init(body bytes: [UInt8]) throws(WireError) {
        self = try decoded(bytes) { reader throws(WireError) in
            let kind = try reader.u8()
            _ = try reader.bytes(7)
            let first = try reader.integer(UInt64.self)
            let second = try reader.integer(UInt64.self)
            let rest = try reader.bytes(16)
            return switch kind {
            case 1: LedgerRecord.bound(machine: rest, files: first, next: second)
            case 2: .reserved(start: first, count: second)
            case 3: .settled(start: first, count: second)
            case 4: .burnt(start: first, count: second)
            case 5: .tried(start: first)
            case 6: .received(start: first, count: second, tag: rest)
            case 7: .cleared(start: first, count: second)
            case 8: .claimed(mark: first)
            case 9: .retired
            case 10: .drawn(start: first, count: second)
            default: throw .unknown
            }
        }
        guard body == bytes else { throw .inconsistent }
    }
}

/// What a ledger file begins with: the format, and the pad that it is of.
package enum LedgerHeader {
    /// The header's bytes without its check value, as many as a record's body.
    package static func body(of pad: PadID) -> [UInt8] {
        encoded { writer in
            writer.raw(magic)
            writer.identifier(pad)
            writer.raw(repeatElement(0, count: LedgerRecord.bodySize - magic.count - PadID.byteCount))
        }
    }

    package static func pad(body bytes: [UInt8]) throws(WireError) -> PadID {
        var reader = unsafe ByteReader(bytes.span.bytes)
        guard try reader.bytes(magic.count) == magic else { throw .unknown }
        let pad = try reader.identifier(PadID.self)
        guard body(of: pad) == bytes else { throw .inconsistent }
        return pad
    }

    private static let magic = Array("PFSPADL".utf8) + [1]
}
