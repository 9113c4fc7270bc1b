/// The types of control messages (`Specs/blueprint.md` §3.1).
private enum ControlType: UInt8 {
    case request = 1
    case offer = 2
    case accept = 3
    case holdings = 4
    case anew = 5
    case want = 6
    case dropped = 7
    case receipt = 8
    case abort = 9
    case alive = 10
    case end = 11
    case cover = 12
    case blocks = 13
    case message = 14
    case piece = 15
}

extension ControlMessage {
    /// The message as frames of the control plane, in order. A list that one frame cannot hold is split; only the last
    /// message of it keeps this one's `isLast`, the earlier ones say `false`.
    ///
    /// Throws what `decode` would throw for the same value, so that nothing is sent that the peer must refuse.
    package func encode() throws(WireError) -> [(type: UInt8, payload: [UInt8])] {
        let (type, payloads) = try encodedPayloads()
        guard payloads.allSatisfy({ $0.count <= Limits.payload }) else { throw .tooLarge }
        return payloads.map { (type.rawValue, $0) }
    }

    /// Reads one frame's payload. Memory stays within `Limits`, whatever the payload claims.
    package static func decode(type: UInt8, payload: [UInt8]) throws(WireError) -> ControlMessage {
        guard let type = ControlType(rawValue: type) else { throw .unknown }
        guard payload.count <= Limits.payload else { throw .tooLarge }
        return try decoded(payload) { reader throws(WireError) in try reader.controlMessage(type) }
    }

    private func encodedPayloads() throws(WireError) -> (ControlType, [[UInt8]]) {
        switch self {
        case .request(let request):
            (.request, [try encoded { writer throws(WireError) in try writer.request(request) }])
        case .offer(let offer): (.offer, [try encoded { writer throws(WireError) in try writer.offer(offer) }])
        case .accept(let transfer): (.accept, [transfer.bytes])
        case .holdings(let log, let extents, let isLast):
            (.holdings, try holdingsPieces(log, extents, isLast: isLast))
        case .anew(let partial, let isLast): (.anew, try partial.pieces(isLast: isLast))
        case .want(let entries, let isLast): (.want, try wantPieces(entries, isLast: isLast))
        case .dropped(let entries): (.dropped, try droppedPieces(entries))
        case .receipt(let receipt, let isLast): (.receipt, try receipt.pieces(isLast: isLast))
        case .abort(let reason): (.abort, [[reason.rawValue]])
        case .alive: (.alive, [[]])
        case .end(let bytes, let frames): (.end, [twoVarints(bytes, frames)])
        case .cover(let hello): (.cover, [try encoded { writer throws(WireError) in try writer.hello(hello) }])
        case .blocks(let start, let count): (.blocks, [try blocksPayload(start, count)])
        case .message(let length, let hello): (.message, [try messagePayload(length, hello)])
        case .piece(let bytes): (.piece, [bytes])
        }
    }

    /// Whether the payload of a control message of this type is covered where a session covers payloads: all are but
    /// those that say nothing of what is transferred, and that the covering itself needs (`Specs/keystream.md` §4).
    package static func isCovered(type: UInt8) -> Bool {
        switch ControlType(rawValue: type) {
        case .abort, .alive, .end, .cover, .blocks: false
        default: true
        }
    }
}

private func messagePayload(_ length: UInt64, _ hello: CoverHello) throws(WireError) -> [UInt8] {
    try encoded { writer throws(WireError) in
        writer.varint(try whole(message: length))
        try writer.hello(ofPad(hello))
    }
}

/// Only a pad has messages.
private func ofPad(_ hello: CoverHello) throws(WireError) -> CoverHello {
    guard hello != .streamCipher else { throw .inconsistent }
    return hello
}

/// A length that a one-time-pad message can have.
private func whole(message length: UInt64) throws(WireError) -> UInt64 {
    guard MessageHead.blocks(ofLength: length) != nil else { throw .inconsistent }
    return length
}

private func blocksPayload(_ start: UInt64, _ count: UInt64) throws(WireError) -> [UInt8] {
    try check(announced: start, count)
    return twoVarints(start, count)
}

/// Blocks that are announced are destroyed, used or not: few at a time.
private func check(announced start: UInt64, _ count: UInt64) throws(WireError) {
    guard (1...Limits.padAnnounced).contains(count), start < Limits.padBlocks, count <= Limits.padBlocks - start else {
        throw .tooLarge
    }
}

private func twoVarints(_ first: UInt64, _ second: UInt64) -> [UInt8] {
    encoded { writer in
        writer.varint(first)
        writer.varint(second)
    }
}

extension ByteReader {
    fileprivate mutating func controlMessage(_ type: ControlType) throws(WireError) -> ControlMessage {
        switch type {
        case .request: .request(try request())
        case .offer: .offer(try offer())
        case .accept: .accept(try identifier(TransferID.self))
        case .holdings: try holdings()
        case .anew: try anew()
        case .want: try want()
        case .dropped: try dropped()
        case .receipt: try receipt()
        case .abort: .abort(try known(AbortReason.self))
        case .alive: .alive
        case .end: .end(bytes: try varint(), frames: try varint())
        case .cover: .cover(try hello())
        case .blocks: try blocks()
        case .message: .message(length: try whole(message: varint()), try ofPad(hello()))
        case .piece: .piece(try bytes(remaining))
        }
    }

    private mutating func blocks() throws(WireError) -> ControlMessage {
        let start = try varint()
        let count = try varint()
        try check(announced: start, count)
        return .blocks(start: start, count: count)
    }

    /// A byte that must name a case.
    mutating func known<T: RawRepresentable<UInt8>>(_: T.Type) throws(WireError) -> T {
        guard let value = T(rawValue: try u8()) else { throw .unknown }
        return value
    }
}
